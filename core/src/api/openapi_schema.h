// SPDX-License-Identifier: MIT
#pragma once

#include "util/json_writer.h"

#include <apbfarm/http.h>

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::api {

/// `name` of a field without the mark that it may be absent.
std::string_view nameOf(const ApiField& field);
bool mayBeAbsent(const ApiField& field);

/// Writes a JSON schema for a type as `ApiField` words it. Throws std::logic_error for one that cannot be read.
void writeSchema(util::JsonWriter& out, std::string_view type, const std::vector<ApiField>& fields,
                 std::string_view summary = {});

} // namespace apbfarm::api
