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
    /// `key` has 32 bytes; it is wiped when the box goes.
    explicit AesSecretBox(std::string key);
    ~AesSecretBox() override;

    /// Reads the key from a file, or makes a random one there (mode 0600). Throws `Unavailable` when the file is
    /// readable by others or does not hold a key.
    static AesSecretBox fromFile(const std::filesystem::path& file);

    std::string seal(std::string_view secret, std::string_view place) override;
    std::string open(std::string_view sealed, std::string_view place) override;

private:
    std::string key_;
};

} // namespace apbfarm::util
