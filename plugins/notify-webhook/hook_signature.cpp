// SPDX-License-Identifier: MIT
#include "hook_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace webhook {

std::string hmacSha256(std::string_view secret, std::string_view data)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    if (!::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &size))
        throw std::runtime_error("HMAC-SHA256 cannot be computed");
    constexpr auto digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

std::string signatureOf(std::string_view secret, std::int64_t time, std::string_view body)
{
    const auto stamp = std::to_string(time);
    return "t=" + stamp + ",v1=" + hmacSha256(secret, stamp + "." + std::string(body));
}

} // namespace webhook
