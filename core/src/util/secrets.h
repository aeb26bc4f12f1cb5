// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace apbfarm::util {

/// Makes ready what all digests and ciphers share. To be called once, before others do: OpenSSL whose own start lacked
/// memory stays unusable, and ends the process the next time. Throws Unavailable.
void startCrypto();

using Sha256Sum = std::array<char, 32>;

/// SHA-256 of what is fed to it, in one go or in pieces. Throws std::bad_alloc and Unavailable.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::string_view bytes);
    /// The object is used up until it begins anew.
    Sha256Sum sum();
    /// The same as lower-case hex.
    std::string hex();
    void restart();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha256Hex(std::string_view bytes);
std::string toHex(std::string_view bytes);

/// From the operating system only. Throws std::runtime_error when it has none.
std::string randomBytes(std::size_t count);
/// 32 random bytes, base64url without padding: 43 characters.
std::string randomToken();
/// A random (version 4) UUID in canonical lower-case form.
std::string randomUuid();
/// 8-4-4-4-12 lower-case hex digits.
bool isUuid(std::string_view text);

/// Takes the same time wherever the texts differ.
bool sameSecret(std::string_view a, std::string_view b);

} // namespace apbfarm::util
