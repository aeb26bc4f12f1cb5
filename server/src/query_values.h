// SPDX-License-Identifier: MIT
#pragma once

#include "server_errors.h"

#include "util/text.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <limits>
#include <string_view>

namespace apbfarm::server {

/// An integer of the query, perhaps negative. Throws BadValue (422) for anything else.
inline std::int64_t integerOf(const HttpRequest& request, std::string_view name, std::int64_t otherwise)
{
    const auto text = request.query(name);
    if (!text)
        return otherwise;
    const bool negative = text->starts_with('-');
    const auto value = util::parseUnsigned(text->substr(negative ? 1 : 0), std::numeric_limits<std::int64_t>::max());
    if (!value)
        throw BadValue::notInteger(BadValue::In::Query, std::string(name));
    return negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
}

} // namespace apbfarm::server
