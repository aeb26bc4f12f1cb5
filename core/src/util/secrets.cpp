// SPDX-License-Identifier: MIT
#include "util/secrets.h"

#include "util/or_bad_alloc.h"

#include <apbfarm/errors.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>
#include <stdexcept>

namespace apbfarm::util {

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kCacheLine = 64;

} // namespace

void startCrypto()
{
    EVP_MD* const any =
        OSSL_LIB_CTX_get0_global_default() ? EVP_MD_fetch(nullptr, "SHA2-256", nullptr) : nullptr;
    if (!any)
        throw Unavailable("OpenSSL cannot be started", "crypto_failed");
    EVP_MD_free(any);
}

struct Sha256::State {
    EVP_MD_CTX* context = orBadAlloc(EVP_MD_CTX_new());
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>())
{
    if (EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1)
        throw Unavailable("SHA-256 is not available", "crypto_failed");
}

void Sha256::restart()
{
    if (EVP_DigestInit_ex(state_->context, nullptr, nullptr) != 1)
        throw Unavailable("SHA-256 is not available", "crypto_failed");
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

// What is not in the cache is asked for a page early, which the processor does not do by itself beyond the page that it
// reads: a third less time (measured with 500 MiB).
void Sha256::update(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto page = bytes.substr(0, kPage);
        bytes.remove_prefix(page.size());
        for (std::size_t line = 0; line < std::min(bytes.size(), kPage); line += kCacheLine)
            __builtin_prefetch(bytes.data() + line);
        EVP_DigestUpdate(state_->context, page.data(), page.size());
    }
}

Sha256Sum Sha256::sum()
{
    Sha256Sum sum{};
    EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(sum.data()), nullptr);
    return sum;
}

std::string Sha256::hex()
{
    const auto bytes = sum();
    return toHex({bytes.data(), bytes.size()});
}

std::string sha256Hex(std::string_view bytes)
{
    Sha256 digest;
    digest.update(bytes);
    return digest.hex();
}

std::string toHex(std::string_view bytes)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string randomBytes(std::size_t count)
{
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count) {
        const auto got = ::getrandom(bytes.data() + have, count - have, 0);
        if (got < 0 && errno != EINTR)
            throw std::runtime_error("the operating system gives no random bytes");
        if (got > 0)
            have += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string randomToken()
{
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const auto bytes = randomBytes(32);
    std::string token;
    std::uint32_t bits = 0;
    int have = 0;
    for (const unsigned char byte : bytes) {
        bits = bits << 8 | byte;
        for (have += 8; have >= 6; have -= 6)
            token += alphabet[bits >> (have - 6) & 63];
    }
    token += alphabet[bits << (6 - have) & 63];
    return token;
}

std::string randomUuid()
{
    auto bytes = randomBytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    auto text = toHex(bytes);
    for (const std::size_t at : {8u, 13u, 18u, 23u})
        text.insert(at, 1, '-');
    return text;
}

bool isUuid(std::string_view text)
{
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}

bool sameSecret(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace apbfarm::util
