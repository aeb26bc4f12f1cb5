// SPDX-License-Identifier: MIT
#include "workspace.h"

#include "file_names.h"

#include "util/durable_file.h"
#include "util/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

constexpr auto kOpenFolder = fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec;

/// Takes over one package, unless it is a link or a device that only looks like one.
std::optional<PackageFile> takeOver(const fs::path& from, const fs::path& to)
{
    struct stat info{};
    if (::lstat(from.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink != 1)
        return std::nullopt;
    fs::rename(from, to);
    const util::UniqueFd file(::open(to.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || (::getuid() == 0 && ::fchown(file.get(), 0, 0) != 0) || ::fchmod(file.get(), 0644) != 0
        || ::fsync(file.get()) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot store " + to.filename().string());
    return PackageFile{to.filename(), static_cast<std::uint64_t>(info.st_size)};
}

} // namespace

Workspace::Workspace(BuildFolder folder, const Account& account) : folder_(std::move(folder)), account_(account)
{
    removeTree(folder_.scratch());   // of a run that a crash cut short
    fs::create_directories(root());
    fs::permissions(folder_.scratch(), kOpenFolder);
    fs::create_directory(etc());
    fs::copy(folder_.sources(), root() / "start", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    for (const char* name : {"build", "sources", "packages", "home", "tmp"})
        fs::create_directory(root() / name);
    giveAway(root());
    for (const auto& entry : fs::recursive_directory_iterator(root()))
        giveAway(entry.path());
    fs::permissions(root(), fs::perms::owner_all);
}

Workspace::~Workspace()
{
    removeTree(folder_.scratch());
}

void Workspace::giveAway(const fs::path& path) const
{
    if (account_.differsFromOurs && ::lchown(path.c_str(), account_.uid, account_.gid) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot give files to the build account");
}

void Workspace::writeEtc(const std::string& name, const std::string& text) const
{
    std::ofstream out(etc() / name);
    out << text;
    out.close();
    if (!out)
        throw std::system_error(ENOSPC, std::generic_category(), "cannot write " + name);
    fs::permissions(etc() / name, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
}

std::vector<PackageFile> Workspace::collectPackages() const
{
    fs::create_directories(folder_.packages());
    std::vector<PackageFile> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root() / "packages", error)) {
        const auto name = entry.path().filename().string();
        if (!isPackageName(name))
            continue;
        if (auto package = takeOver(entry.path(), folder_.packages() / name))
            found.push_back(std::move(*package));
    }
    util::syncDirectory(folder_.packages());
    std::ranges::sort(found, {}, &PackageFile::filename);
    return found;
}

void removeTree(const fs::path& folder)
{
    std::error_code error;
    fs::remove_all(folder, error);
    if (!error)
        return;
    // Module caches of some languages make their folders read-only.
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (entry->symlink_status(error).type() == fs::file_type::directory)
            fs::permissions(entry->path(), fs::perms::owner_all, fs::perm_options::add, error);
    fs::remove_all(folder, error);
}

} // namespace apbfarm::server
