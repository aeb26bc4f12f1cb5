// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace apbfarm::server {

/// The first part of that name; null when there is none.
const FormPart* findPart(const HttpRequest& request, std::string_view name, bool file);

/// The text of a plain field; empty when absent.
std::string textOf(const HttpRequest& request, std::string_view name);

/// Copies a part into a new file. Throws as `util::writeAll`, and Unavailable when the file cannot be made.
void storePart(const FormPart& part, const std::filesystem::path& file);

/// A JSON list of {"name","url","gpg_key_id"}, normalised. "[]" when the text is empty. Throws Refusal (400).
std::string checkedRepositories(const std::string& text);

} // namespace apbfarm::server
