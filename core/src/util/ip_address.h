// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace apbfarm::util {

using V4 = std::array<unsigned char, 4>;
using V6 = std::array<unsigned char, 16>;

/// Also from ::ffff:a.b.c.d. Empty for what is no such address.
std::optional<V4> parseV4(std::string_view text);

/// A zone (%eth0) is left out. Empty for what is no such address.
std::optional<V6> parseV6(std::string_view text);

/// 127.0.0.0/8 and ::1, also when wrapped in IPv6.
bool isLoopback(std::string_view address);

} // namespace apbfarm::util
