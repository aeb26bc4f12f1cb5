// SPDX-License-Identifier: MIT
#pragma once

#include "service/audit_trail.h"
#include "util/text.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace apbfarm::api {

/// A whole number from a request. Throws InvalidInput outside of the range (H16).
inline std::uint64_t checkedNumber(std::string_view name, std::string_view text, std::uint64_t lowest,
                                   std::uint64_t highest)
{
    const auto value = util::parseUnsigned(text, highest);
    if (!value || *value < lowest) {
        const auto range = std::to_string(lowest) + " to " + std::to_string(highest);
        throw InvalidInput(std::string(name) + " must be a whole number from " + range, "invalid_parameter",
                           {{std::string(name), "must be a whole number from " + range}});
    }
    return *value;
}

/// The usual words for yes and no. Throws InvalidInput for others.
inline bool checkedFlag(std::string_view name, std::string_view text)
{
    const auto word = util::toLower(text);
    for (const auto* yes : {"true", "1", "yes", "on", "t", "y"})
        if (word == yes)
            return true;
    for (const auto* no : {"false", "0", "no", "off", "f", "n"})
        if (word == no)
            return false;
    throw InvalidInput(std::string(name) + " must be true or false", "invalid_parameter",
                       {{std::string(name), "must be true or false"}});
}

/// A whole number from the query; `fallback` when absent.
inline std::uint64_t numberFrom(const HttpRequest& request, std::string_view name, std::uint64_t fallback,
                                std::uint64_t lowest, std::uint64_t highest)
{
    const auto text = request.query(name);
    return text ? checkedNumber(name, *text, lowest, highest) : fallback;
}

/// For the audit trail. Only for routes that guests may not call.
inline service::Caller callerOf(const HttpRequest& request)
{
    return {*request.principal(), std::string(request.clientAddress()), std::string(request.requestId())};
}

} // namespace apbfarm::api
