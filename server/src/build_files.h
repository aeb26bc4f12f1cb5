// SPDX-License-Identifier: MIT
#pragma once

#include "build_record.h"
#include "json_views.h"

#include <apbfarm/http.h>

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

/// The files of a build that anybody may fetch: its log, its packages, what was submitted at the top level.
namespace apbfarm::server {

/// The regular file of that name; empty when there is none or the name is not a plain one.
std::optional<std::filesystem::path> findFile(const BuildFolder& folder, std::string_view name);

std::vector<json::SourceFile> listSources(const BuildFolder& folder);

/// An attachment under its own name, which may hold ':' and '+'.
FileReply attachment(const std::filesystem::path& file);

} // namespace apbfarm::server
