// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/JSON/Object.h>

#include <cstddef>
#include <string_view>

namespace apbfarm::util {

struct JsonLimits {
    std::size_t bytes = 64 * 1024;
    int depth = 16;
};

/// What parsers do not tell about a JSON object from outside: size, depth, UTF-8, no key twice in one object (H17).
/// Throws `TooLarge` for the size, `InvalidInput` ("invalid_json") for all else.
void checkJsonObject(std::string_view text, const JsonLimits& limits = {});

/// The same, then parsed.
Poco::JSON::Object::Ptr parseJsonObject(std::string_view text, const JsonLimits& limits = {});

} // namespace apbfarm::util
