// SPDX-License-Identifier: MIT
#include "password_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <unistd.h>

#include <charconv>
#include <stdexcept>
#include <vector>

namespace local {

namespace {

constexpr std::string_view kScheme = "pbkdf2_sha256";
constexpr std::size_t kBytes = 32;

std::string toHex(std::string_view bytes)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const unsigned char byte : bytes) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

int digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

std::optional<std::string> fromHex(std::string_view hex)
{
    if (hex.size() != 2 * kBytes)
        return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = digitOf(hex[i]);
        const int low = digitOf(hex[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> pieces;
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
        pieces.push_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    pieces.push_back(text);
    return pieces;
}

std::optional<PasswordHash> parseLegacy(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    auto digest = fromHex(text.substr(colon + 1));
    if (!digest)
        return std::nullopt;
    return PasswordHash{true, kLegacyIterations, std::string(text.substr(0, colon)), std::move(*digest)};
}

std::string randomSalt()
{
    std::string salt(kBytes, '\0');
    if (::getentropy(salt.data(), salt.size()) != 0)
        throw std::runtime_error("The operating system gave no random bytes");
    return salt;
}

} // namespace

std::string derive(std::string_view password, std::string_view salt, int iterations)
{
    std::string key(kBytes, '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                          EVP_sha256(), static_cast<int>(key.size()), reinterpret_cast<unsigned char*>(key.data())) != 1)
        throw std::runtime_error("OpenSSL could not derive a key");
    return key;
}

std::optional<PasswordHash> parseHash(std::string_view text)
{
    const auto pieces = split(text, '$');
    if (pieces.size() != 4 || pieces[0] != kScheme)
        return parseLegacy(text);

    PasswordHash hash;
    const auto* end = pieces[1].data() + pieces[1].size();
    const auto [stopped, error] = std::from_chars(pieces[1].data(), end, hash.iterations);
    auto salt = fromHex(pieces[2]);
    auto digest = fromHex(pieces[3]);
    // The limit keeps a damaged row from occupying a thread for hours.
    if (error != std::errc() || stopped != end || hash.iterations < 1 || hash.iterations > kMostIterations || !salt ||
        !digest)
        return std::nullopt;
    hash.salt = std::move(*salt);
    hash.digest = std::move(*digest);
    return hash;
}

std::string makeHash(std::string_view password, int iterations)
{
    const auto salt = randomSalt();
    return std::string(kScheme) + "$" + std::to_string(iterations) + "$" + toHex(salt) + "$" +
           toHex(derive(password, salt, iterations));
}

std::string makeLegacyHash(std::string_view password)
{
    const auto salt = toHex(randomSalt());
    return salt + ":" + toHex(derive(password, salt, kLegacyIterations));
}

bool matches(const PasswordHash& hash, std::string_view password)
{
    auto digest = derive(password, hash.salt, hash.iterations);
    const bool same = digest.size() == hash.digest.size() &&
                      CRYPTO_memcmp(digest.data(), hash.digest.data(), digest.size()) == 0;
    OPENSSL_cleanse(digest.data(), digest.size());
    return same;
}

} // namespace local
