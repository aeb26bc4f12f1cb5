// SPDX-License-Identifier: MIT
#pragma once

#include "util/durable_file.h"
#include "util/secrets.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::files {

struct StoredFile {
    std::string sha256;              ///< hex; its name in the store
    std::uint64_t size = 0;          ///< bytes
};

/// One file on its way into the store. Nothing of it is seen until `finish`; without it nothing stays.
class ArtifactWriter {
public:
    void append(std::string_view bytes);
    /// Checks the length, makes it durable under its digest (D7). Throws `InvalidInput` for another length.
    StoredFile finish(std::uint64_t expectedSize);

private:
    friend class ArtifactStore;
    explicit ArtifactWriter(const std::filesystem::path& root);

    std::filesystem::path root_;
    util::DurableFile file_;
    util::Sha256 digest_;
};

/// Packages and logs of ended builds, each under the digest of its bytes: no path contains a text from outside (F1).
/// Thread-safe.
class ArtifactStore {
public:
    explicit ArtifactStore(std::filesystem::path root);

    ArtifactWriter begin();
    /// A file that lies elsewhere and stays there. On the same file system the store gets a second name for it and
    /// needs no room; otherwise it is copied, if `reserve` bytes stay free. Throws `NotFound` when it is no regular file
    /// or cannot be read, `InvalidInput` for another length, `StorageFull`.
    StoredFile takeOver(const std::filesystem::path& file, std::optional<std::uint64_t> expectedSize,
                        std::uint64_t reserve);
    std::filesystem::path pathOf(const std::string& sha256) const;
    bool has(const std::string& sha256) const;
    void remove(const std::string& sha256);
    /// Removes what a crash left half written. At start only.
    void sweepTemporaries();

private:
    StoredFile copyOf(int descriptor, const std::string& name, std::uint64_t size);

    std::filesystem::path root_;
};

/// By the end of its name (client expectations 6).
std::string contentTypeOf(const std::string& filename);

} // namespace apbfarm::files
