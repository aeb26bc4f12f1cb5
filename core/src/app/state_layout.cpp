// SPDX-License-Identifier: MIT
#include "app/state_layout.h"

#include "app/farm_config_error.h"

#include "util/secret_box.h"

#include <apbfarm/errors.h>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace apbfarm::app {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFileStorage = "sqlite";

fs::path databaseOf(const FarmConfig& config)
{
    if (config.storage != kFileStorage)
        throw ConfigError("storage = " + config.storage +
                          ": this command knows databases in one file only (storage = " + kFileStorage +
                          "). Use the tools of that database");
    const auto own = config.pluginOptions.find("storage." + std::string(kFileStorage) + ".path");
    return own == config.pluginOptions.end() || own->second.text.empty() ? config.database.path
                                                                         : fs::path(own->second.text);
}

fs::path withEnding(fs::path file, const char* ending)
{
    return file += ending;
}

fs::path byDigest(const fs::path& folder, const std::string& digest)
{
    return folder / digest.substr(0, 2) / digest;
}

} // namespace

StateLayout::StateLayout(const FarmConfig& config)
    : directory(config.state.directory), database(databaseOf(config)), key(config.state.secretKey)
{
}

fs::path StateLayout::upload(const std::string& digest) const
{
    return byDigest(directory / "payloads", digest);
}

fs::path StateLayout::artifact(const std::string& digest) const
{
    return byDigest(directory / "artifacts", digest);
}

fs::path StateLayout::lock() const
{
    return withEnding(database, ".lock");
}

fs::path StateLayout::nextKey() const
{
    return util::nextKeyFile(key);
}

void forEachKept(const StateLayout& layout, const char* folder, const std::function<void(const fs::path&)>& use)
{
    if (!fs::exists(layout.directory / folder))
        return;
    for (const auto& shelf : fs::directory_iterator(layout.directory / folder))
        if (shelf.is_directory() && shelf.path().filename().string().size() == 2)
            for (const auto& entry : fs::directory_iterator(shelf.path()))
                if (entry.is_regular_file())
                    use(entry.path());
}

void refuseForeignRoot(const StateLayout& layout)
{
    auto place = fs::absolute(layout.directory);
    while (!fs::exists(place) && place != place.parent_path())
        place = place.parent_path();
    struct stat info {};
    if (::geteuid() != 0 || ::stat(place.c_str(), &info) != 0 || info.st_uid == 0)
        return;
    const auto* account = ::getpwuid(info.st_uid);
    const auto name = account ? std::string(account->pw_name) : "#" + std::to_string(info.st_uid);
    throw Unavailable(place.string() + " belongs to the account " + name + ". Run this as that account: sudo -u " +
                          name + " apb-farm ...",
                      "wrong_account");
}

void refuseHalfRestored(const FarmConfig& config)
{
    if (std::error_code ignored; fs::exists(config.state.directory / kRestoreMark, ignored))
        throw Unavailable("A restore into " + config.state.directory.string() + " was interrupted. Run the same "
                          "apb-farm restore again, which completes it", "restore_interrupted");
}

} // namespace apbfarm::app
