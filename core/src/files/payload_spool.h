// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <apbfarm/model.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::files {

/// Uploaded tarballs on disk, each under the digest of its bytes (util::Sha256List), so that equal uploads are kept
/// once.
///
/// What a call has stored survives a power cut when the call returns (D1). Thread-safe. Throws `StorageFull` when the
/// disk is full, otherwise `Unavailable`.
class PayloadSpool {
public:
    /// Makes the folder, private, when it is not there.
    explicit PayloadSpool(std::filesystem::path root);

    /// Where uploads are written while they arrive: on the same file system, so that adopting costs no copy.
    std::filesystem::path temporaryDirectory() const { return root_ / "tmp"; }

    /// Keeps the content of an open file that has no name yet (O_TMPFILE in `temporaryDirectory`) under its digest. The
    /// descriptor stays the caller's.
    void adopt(int descriptor, const std::string& digest);

    bool has(const std::string& digest) const;
    /// Throws `NotFound` when it is not there.
    util::UniqueFd open(const std::string& digest) const;
    /// Only if it was not stored again since `before`: somebody may be about to use it.
    void removeIfOlderThan(const std::string& digest, Timestamp before);
    /// Digests of what was stored before that time.
    std::vector<std::string> listOlderThan(Timestamp before) const;

    /// On the disk, for an unprivileged program.
    std::uint64_t freeBytes() const;

    /// Removes what a crash left in `temporaryDirectory`. At start only.
    void sweepTemporaries();

private:
    std::filesystem::path pathOf(const std::string& digest) const;
    void name(int descriptor, const std::filesystem::path& final);

    std::filesystem::path root_;
    std::mutex naming_;   ///< a name is given and taken away one at a time
};

/// What a file is called in the spool. Reads all of it. Throws `Unavailable` when that fails.
std::string payloadDigestOf(const std::filesystem::path& file);

} // namespace apbfarm::files
