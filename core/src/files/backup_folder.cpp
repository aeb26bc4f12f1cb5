// SPDX-License-Identifier: MIT
#include "files/backup_folder.h"

#include "files/whole_file.h"
#include "util/durable_file.h"
#include "util/file_failure.h"
#include "util/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace apbfarm::files {

namespace fs = std::filesystem;

namespace {

/// A second name costs no room, but the other file system may not be the same or know no such thing.
bool link(const fs::path& from, const fs::path& to)
{
    return ::link(from.c_str(), to.c_str()) == 0;
}

void writeFile(const fs::path& file, std::string_view text)
{
    const util::UniqueFd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out)
        util::failWith("cannot create " + file.string(), errno);
    util::writeAll(out.get(), text);
}

} // namespace

void syncFileSystem(const fs::path& folder)
{
    const util::UniqueFd open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open || ::syncfs(open.get()) != 0)
        util::failWith("cannot sync " + folder.string(), errno);
}

void copyPrivately(const fs::path& from, const fs::path& to)
{
    const auto source = openToRead(from);
    const util::UniqueFd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!target)
        util::failWith("cannot create " + to.string(), errno);
    if (!readWhole(source.get(), [&](std::string_view bytes) { util::writeAll(target.get(), bytes); }))
        util::failWith("cannot read " + from.string(), errno);
}

void giveName(const fs::path& from, const fs::path& to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0)
        util::failWith("cannot rename the backup to " + to.string(), errno);
    util::syncDirectory(to.parent_path());
}

BackupFolder::BackupFolder(fs::path place) : place_(std::move(place))
{
    if (::mkdir(place_.c_str(), 0700) != 0)
        util::failWith("cannot make " + place_.string(), errno);
}

BackupFolder::~BackupFolder()
{
    std::error_code ignored;
    if (!kept_)
        fs::remove_all(place_, ignored);
}

fs::path BackupFolder::prepare(const std::string& name)
{
    const auto target = place_ / name;
    util::makePrivateDirectory(target.parent_path().parent_path());
    util::makePrivateDirectory(target.parent_path());
    return target;
}

void BackupFolder::include(const std::string& name)
{
    manifest_.files.push_back(describeFile(place_ / name, name));
    names_.insert(name);
}

bool BackupFolder::addFixed(const fs::path& file, const std::string& name, const std::string& sha256)
{
    if (has(name))
        return true;
    const auto target = prepare(name);
    if (!link(file, target))
        copyPrivately(file, target);
    auto described = describeFile(target, name);
    if (!sha256.empty() && described.sha256 != sha256) {
        fs::remove(target);
        return false;
    }
    manifest_.files.push_back(std::move(described));
    names_.insert(name);
    return true;
}

void BackupFolder::addCopy(const fs::path& file, const std::string& name)
{
    copyPrivately(file, prepare(name));
    include(name);
}

void BackupFolder::complete(BackupManifest about)
{
    about.files = std::move(manifest_.files);
    manifest_ = std::move(about);
    const auto text = toJson(manifest_);
    writeFile(place_ / kManifestName, text);
    writeFile(place_ / kManifestDigestName, util::sha256Hex(text) + "  " + std::string(kManifestName) + "\n");
    syncFileSystem(place_);
}

void BackupFolder::rename(const fs::path& final)
{
    giveName(place_, final);
    kept_ = true;
}

} // namespace apbfarm::files
