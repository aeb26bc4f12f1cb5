// SPDX-License-Identifier: MIT
#pragma once

#include "util/durable_file.h"
#include "util/secrets.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::files {

struct StoredFile {
    std::string sha256;              ///< hex; its name in the store
    std::uint64_t size = 0;          ///< bytes
};

/// One file on its way into the store, which outlives it. Nothing of it is seen until `finish`; without it nothing stays.
class ArtifactWriter {
public:
    void append(std::string_view bytes);
    /// Checks the length, makes it durable under its digest (D7). Throws `InvalidInput` for another length.
    StoredFile finish(std::uint64_t expectedSize);

private:
    friend class ArtifactStore;
    ArtifactWriter(const std::filesystem::path& root, std::shared_mutex& naming);

    std::filesystem::path root_;
    std::shared_mutex& naming_;
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
    /// Digests of what was stored before that time.
    std::vector<std::string> listOlderThan(Timestamp before) const;
    /// Only if it was not stored again since: somebody may be about to refer to it. Returns the bytes that this freed.
    std::uint64_t removeIfOlderThan(const std::string& sha256, Timestamp before);
    /// Removes what a crash left half written. At start only.
    void sweepTemporaries();

private:
    bool nameAgain(int descriptor, const std::filesystem::path& final);
    StoredFile copyOf(int descriptor, const std::string& name, std::uint64_t size);

    std::filesystem::path root_;
    std::shared_mutex naming_;   ///< no name is given while one is taken away
};

/// By the end of its name (client expectations 6).
std::string contentTypeOf(const std::string& filename);

} // namespace apbfarm::files
