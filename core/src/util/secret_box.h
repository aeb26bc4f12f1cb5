// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/context.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace apbfarm::util {

/// SecretBox with AES-256-GCM and a random nonce per secret (C1). Thread-safe.
class AesSecretBox final : public SecretBox {
public:
    /// Keys have 32 bytes and are wiped when the box goes. `key` seals; what it does not open is tried with `spare`,
    /// which may be empty.
    explicit AesSecretBox(std::string key, std::string spare = {});
    ~AesSecretBox() override;

    /// Reads the key from a file, or makes a random one there (mode 0600). While the key is being exchanged there is a
    /// second file, `nextKeyFile`: that key opens too. Throws `Unavailable` when a file is readable by others or does
    /// not hold a key.
    static AesSecretBox fromFile(const std::filesystem::path& file);

    std::string seal(std::string_view secret, std::string_view place) override;
    std::string open(std::string_view sealed, std::string_view place) override;

private:
    std::string key_, spare_;
};

/// The key in a file; made there when there is no such file. Throws as `AesSecretBox::fromFile` does.
std::string readOrMakeKey(const std::filesystem::path& file);

/// Where the key lies that is about to replace the one in that file.
std::filesystem::path nextKeyFile(std::filesystem::path file);

} // namespace apbfarm::util
