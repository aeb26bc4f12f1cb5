// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace webhook {

/// HMAC-SHA256 of `data`, in lower-case hex.
std::string hmacSha256(std::string_view secret, std::string_view data);

/// The value of X-Apb-Signature: `t=<seconds since 1970>,v1=<HMAC of "<t>.<body>">`. The time is signed, so that a
/// receiver can refuse what somebody recorded and sends again.
std::string signatureOf(std::string_view secret, std::int64_t time, std::string_view body);

} // namespace webhook
