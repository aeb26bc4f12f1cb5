// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace apbfarm::util {

/// A file that is either wholly there or not there at all, also after a power cut (D7).
///
/// Written under a temporary name in `temporaryDirectory`, which must be on the same file system as the final place.
/// Without `commit` the destructor removes it. Throws `StorageFull` when the disk is full, otherwise `Unavailable`.
class DurableFile {
public:
    explicit DurableFile(const std::filesystem::path& temporaryDirectory);
    ~DurableFile();
    DurableFile(DurableFile&&) noexcept;
    DurableFile& operator=(DurableFile&&) = delete;

    void write(std::string_view bytes);
    std::uint64_t size() const { return size_; }
    int descriptor() const { return file_.get(); }
    const std::filesystem::path& temporaryPath() const { return temporary_; }

    /// Data to disk, rename to `final` (replacing what is there), directory to disk. A failed sync is never retried.
    void commit(const std::filesystem::path& final);

private:
    UniqueFd file_;
    std::filesystem::path temporary_;
    std::uint64_t size_ = 0;
    std::uint64_t pushed_ = 0;   // bytes already handed to write-back
};

/// Makes renames and new names in that folder survive a power cut.
void syncDirectory(const std::filesystem::path& directory);

/// An open file without a name in that folder; it vanishes with its last descriptor. Throws as DurableFile does.
UniqueFd temporaryFile(const std::filesystem::path& directory);

/// Writes all of it or throws as DurableFile does.
void writeAll(int descriptor, std::string_view bytes);
/// The same at that place of the file; its own offset stays.
void writeAllAt(int descriptor, std::string_view bytes, std::uint64_t offset);

/// A folder only its owner may enter; made when absent, with its parents. Throws `Unavailable`.
void makePrivateDirectory(const std::filesystem::path& directory);

} // namespace apbfarm::util
