// SPDX-License-Identifier: MIT
#include "util/secret_box.h"

#include "util/durable_file.h"
#include "util/or_bad_alloc.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <vector>

namespace apbfarm::util {

namespace {

constexpr std::size_t kKeySize = 32;    // AES-256
constexpr std::size_t kNonceSize = 12;  // NIST SP 800-38D, 8.2
constexpr std::size_t kTagSize = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher makeCipher()
{
    return {orBadAlloc(EVP_CIPHER_CTX_new()), &EVP_CIPHER_CTX_free};
}

unsigned char* bytesOf(std::string& text)
{
    return reinterpret_cast<unsigned char*>(text.data());
}

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string fromHex(std::string_view hex)
{
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    if (hex.size() % 2 != 0 || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        throw InvalidInput("A sealed secret is damaged", "secret_damaged");
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
    return bytes;
}

std::string openWith(std::string& key, std::string_view sealed, std::string_view place)
{
    auto bytes = fromHex(sealed);
    if (bytes.size() < kNonceSize + kTagSize)
        throw InvalidInput("A sealed secret is damaged", "secret_damaged");
    auto tag = bytes.substr(kNonceSize, kTagSize);
    const auto text = std::string_view(bytes).substr(kNonceSize + kTagSize);
    std::string secret(text.size(), '\0');
    const auto cipher = makeCipher();
    int length = 0;
    if (EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key), bytesOf(bytes)) != 1)
        throw Unavailable("A secret could not be opened", "crypto_failed");
    const bool ok =
        EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytesOf(place), static_cast<int>(place.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), bytesOf(secret), &length, bytesOf(text), static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, bytesOf(tag)) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), bytesOf(secret) + length, &length) == 1;
    if (!ok)
        throw InvalidInput("A sealed secret does not open: another key or another place", "secret_damaged");
    return secret;
}

} // namespace

AesSecretBox::AesSecretBox(std::string key, std::string spare) : key_(std::move(key)), spare_(std::move(spare))
{
    if (key_.size() != kKeySize || (!spare_.empty() && spare_.size() != kKeySize))
        throw InvalidInput("The farm's key must have 32 bytes", "bad_key");
}

AesSecretBox::~AesSecretBox()
{
    OPENSSL_cleanse(key_.data(), key_.size());
    OPENSSL_cleanse(spare_.data(), spare_.size());
}

AesSecretBox AesSecretBox::fromFile(const std::filesystem::path& file)
{
    auto key = readOrMakeKey(file);
    const auto next = nextKeyFile(file);
    std::error_code absent;
    return AesSecretBox(std::move(key), std::filesystem::exists(next, absent) ? readOrMakeKey(next) : "");
}

std::filesystem::path nextKeyFile(std::filesystem::path file)
{
    return file += ".next";
}

std::string readOrMakeKey(const std::filesystem::path& file)
{
    UniqueFd existing(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!existing) {
        auto key = randomBytes(kKeySize);
        DurableFile fresh(file.parent_path());
        fresh.write(key);
        fresh.commit(file);
        return key;
    }
    struct stat info {};
    ::fstat(existing.get(), &info);
    // What root hands to a service may be readable through the service's group or an access list.
    if ((info.st_mode & (info.st_uid == 0 && ::geteuid() != 0 ? 037u : 077u)) != 0)
        throw Unavailable(file.string() + " may be read by others; run chmod 0600 on it", "key_exposed");
    std::string key(kKeySize, '\0');
    if (info.st_size != kKeySize || ::read(existing.get(), key.data(), kKeySize) != static_cast<ssize_t>(kKeySize))
        throw Unavailable(file.string() + " does not hold a key of 32 bytes; restore it from your backup", "bad_key");
    return key;
}

std::string AesSecretBox::seal(std::string_view secret, std::string_view place)
{
    auto nonce = randomBytes(kNonceSize);
    std::string text(secret.size(), '\0'), tag(kTagSize, '\0');
    const auto cipher = makeCipher();
    int length = 0;
    const bool ok =
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key_), bytesOf(nonce)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytesOf(place), static_cast<int>(place.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), bytesOf(text), &length, bytesOf(secret), static_cast<int>(secret.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), bytesOf(text) + length, &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, bytesOf(tag)) == 1;
    if (!ok)
        throw Unavailable("A secret could not be sealed", "crypto_failed");
    return toHex(nonce + tag + text);
}

std::string AesSecretBox::open(std::string_view sealed, std::string_view place)
{
    if (spare_.empty())
        return openWith(key_, sealed, place);
    try {
        return openWith(key_, sealed, place);
    } catch (const InvalidInput&) {
        return openWith(spare_, sealed, place);
    }
}

} // namespace apbfarm::util
