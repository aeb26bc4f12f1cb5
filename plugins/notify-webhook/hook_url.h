// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace webhook {

/// Where a webhook is. The path often is the secret of it, so neither it nor a query is ever shown or logged.
struct HookUrl {
    bool secure = true;
    std::string host;                ///< without the brackets of IPv6
    std::uint16_t port = 443;
    std::string authority;           ///< for the header Host
    std::string path;                ///< with the query, as it goes into the request line
};

/// http or https, without user name, password and fragment, in visible ASCII. Throws std::invalid_argument with what
/// is wrong, which does not quote the URL.
HookUrl parseHookUrl(const std::string& text);

} // namespace webhook
