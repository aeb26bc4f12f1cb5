// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace local {

/// PBKDF2-HMAC-SHA256 in one of two written forms.
///
/// `pbkdf2_sha256$<iterations>$<salt hex>$<hash hex>` describes itself. The older `<salt>:<hash hex>` stands for
/// 100,000 iterations and takes the salt's text itself, not the bytes it spells.
struct PasswordHash {
    bool legacy = false;
    int iterations = 0;
    std::string salt;                ///< the bytes that go into the derivation
    std::string digest;              ///< 32 bytes
};

constexpr int kLegacyIterations = 100'000;
constexpr int kLeastIterations = 10'000;
constexpr int kMostIterations = 10'000'000;

/// 32 bytes. Throws std::runtime_error when OpenSSL cannot.
std::string derive(std::string_view password, std::string_view salt, int iterations);

/// Empty for anything that is not exactly one of the two forms.
std::optional<PasswordHash> parseHash(std::string_view text);

/// With a new random salt of 256 bits, as written.
std::string makeHash(std::string_view password, int iterations);
std::string makeLegacyHash(std::string_view password);

/// Takes the same time wherever the digests differ.
bool matches(const PasswordHash& hash, std::string_view password);

} // namespace local
