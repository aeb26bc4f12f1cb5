// SPDX-License-Identifier: MIT
#include "util/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace apbfarm::util {

std::optional<V4> parseV4(std::string_view text)
{
    V4 bytes{};
    if (::inet_pton(AF_INET, std::string(text).c_str(), bytes.data()) == 1)
        return bytes;
    constexpr V6 mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const auto wide = parseV6(text);
    if (!wide || !std::equal(wide->begin(), wide->begin() + 12, mapped.begin()))
        return std::nullopt;
    std::copy(wide->begin() + 12, wide->end(), bytes.begin());
    return bytes;
}

std::optional<V6> parseV6(std::string_view text)
{
    V6 bytes{};
    const std::string plain(text.substr(0, text.find('%')));
    return ::inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1 ? std::optional(bytes) : std::nullopt;
}

bool isLoopback(std::string_view address)
{
    if (const auto v4 = parseV4(address))
        return v4->front() == 127;
    constexpr V6 loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return parseV6(address) == loopback;
}

} // namespace apbfarm::util
