// SPDX-License-Identifier: MIT
#include "plugin/trusted_file.h"

#include "plugin/plugin_error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace apbfarm::plugin {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& plugin, const std::string& reason)
{
    throw PluginError(plugin.filename().string() + " is not loaded: " + reason);
}

struct stat statusOf(const fs::path& plugin, const fs::path& place)
{
    struct stat status {};
    if (::lstat(place.c_str(), &status) != 0)
        refuse(plugin, place.string() + " cannot be looked at (" + std::strerror(errno) + ").");
    return status;
}

void checkOwner(const fs::path& plugin, const fs::path& place, const struct stat& status,
                const std::vector<uid_t>& owners)
{
    if (std::find(owners.begin(), owners.end(), status.st_uid) == owners.end())
        refuse(plugin, place.string() + " belongs to user id " + std::to_string(status.st_uid) +
                           ", who could change the farm's code. Give it to root with 'chown root'.");
}

void checkMode(const fs::path& plugin, const fs::path& place, const struct stat& status)
{
    // In a sticky folder only the owner of an entry can replace it, and that owner is checked too.
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX);
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !sticky)
        refuse(plugin, place.string() + " can be written by " +
                           ((status.st_mode & S_IWOTH) ? "everyone" : "its group") +
                           ", who could change the farm's code. Run 'chmod go-w " + place.string() + "'.");
}

void checkWay(const fs::path& plugin, const fs::path& way, const std::vector<uid_t>& owners)
{
    fs::path place;
    for (const auto& piece : way) {
        place /= piece;
        const auto status = statusOf(plugin, place);
        checkOwner(plugin, place, status, owners);
        if (!S_ISLNK(status.st_mode)) // the mode of a link means nothing
            checkMode(plugin, place, status);
    }
}

} // namespace

std::vector<uid_t> trustedOwners()
{
    std::vector<uid_t> owners{0, ::geteuid()};
    struct stat program {};
    if (::stat("/proc/self/exe", &program) == 0)
        owners.push_back(program.st_uid);
    return owners;
}

fs::path resolveTrustedFile(const fs::path& path, const std::vector<uid_t>& owners)
{
    std::error_code failed;
    const auto written = fs::absolute(path, failed).lexically_normal();
    const auto resolved = fs::canonical(path, failed);
    if (failed == std::errc::no_such_file_or_directory)
        refuse(path, "there is no such file in " + written.parent_path().string() +
                         ". Install the plugin there, or correct plugins.load or plugins.dir.");
    if (failed)
        refuse(path, written.string() + " cannot be resolved (" + failed.message() + ").");
    if (!fs::is_regular_file(resolved, failed))
        refuse(path, resolved.string() + " is not a regular file. Install the plugin's library there.");
    checkWay(path, written, owners);
    checkWay(path, resolved, owners);
    return resolved;
}

} // namespace apbfarm::plugin
