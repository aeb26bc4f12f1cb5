// SPDX-License-Identifier: MIT
#pragma once

#include "files/backup_manifest.h"

#include <set>

namespace apbfarm::files {

/// A backup while it is made: a private folder under a temporary name, removed by the destructor unless it was kept.
/// Throws `StorageFull`, `Unavailable`.
class BackupFolder {
public:
    /// `place` must not exist, the folder that it is in must.
    explicit BackupFolder(std::filesystem::path place);
    ~BackupFolder();
    BackupFolder(const BackupFolder&) = delete;
    BackupFolder& operator=(const BackupFolder&) = delete;

    const std::filesystem::path& place() const { return place_; }

    /// Where something that writes by itself shall put the file of that name; call `include` afterwards.
    std::filesystem::path prepare(const std::string& name);
    void include(const std::string& name);

    /// Adds a file that never changes: a second name for it where that is possible, else a copy. Does nothing when it
    /// was added before. With a digest that is expected it returns false, and adds nothing, when the file has another.
    bool addFixed(const std::filesystem::path& file, const std::string& name, const std::string& sha256 = {});
    /// Adds a copy of what a file holds now.
    void addCopy(const std::filesystem::path& file, const std::string& name);

    bool has(const std::string& name) const { return names_.contains(name); }
    const BackupManifest& manifest() const { return manifest_; }

    /// Writes the manifest and has all of it on disk.
    void complete(BackupManifest about);
    /// Gives the folder its name. Throws `Unavailable` when something has that name by now.
    void rename(const std::filesystem::path& final);

private:
    const std::filesystem::path place_;
    BackupManifest manifest_;
    std::set<std::string> names_;
    bool kept_ = false;
};

/// Renames durably and replaces nothing. Throws `Unavailable` when something has that name.
void giveName(const std::filesystem::path& from, const std::filesystem::path& to);

/// Copies one file, synced with `syncFileSystem`, mode 0600.
void copyPrivately(const std::filesystem::path& from, const std::filesystem::path& to);

/// Everything written to the file system of that folder is on disk when it returns.
void syncFileSystem(const std::filesystem::path& folder);

} // namespace apbfarm::files
