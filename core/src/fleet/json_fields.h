// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::fleet {

/// Members of a JSON object that somebody else wrote. Each function is empty for a member that is absent, null, of
/// another type or out of range; none throws.
std::optional<std::string> jsonText(const Poco::JSON::Object& object, const std::string& key);
std::optional<bool> jsonFlag(const Poco::JSON::Object& object, const std::string& key);
/// Finite ones only.
std::optional<double> jsonNumber(const Poco::JSON::Object& object, const std::string& key);
/// Also a whole number written with a fraction of zero.
std::optional<std::int64_t> jsonInteger(const Poco::JSON::Object& object, const std::string& key, std::int64_t min,
                                        std::int64_t max);
/// Epoch seconds from a number or from ISO 8601 text; years 1970 to 9999.
std::optional<double> jsonTime(const Poco::JSON::Object& object, const std::string& key);
/// Null when empty.
Poco::JSON::Object::Ptr jsonObject(const Poco::JSON::Object& object, const std::string& key);
Poco::JSON::Array::Ptr jsonArray(const Poco::JSON::Object& object, const std::string& key);
/// Elements, null when of another type.
Poco::JSON::Object::Ptr jsonObjectAt(const Poco::JSON::Array& array, std::size_t index);

/// "2026-11-21T20:44:01.590746+00:00", "2026-11-21T20:44:01Z"; without a zone it is UTC.
std::optional<double> parseIsoTime(std::string_view text);

} // namespace apbfarm::fleet
