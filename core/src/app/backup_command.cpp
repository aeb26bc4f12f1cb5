// SPDX-License-Identifier: MIT
#include "app/backup_command.h"

#include "app/state_layout.h"
#include "files/backup_folder.h"
#include "files/payload_spool.h"
#include "package/folder_archive.h"
#include "storage/database_facts.h"
#include "storage/sqlite_snapshot.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>

#include <ctime>
#include <ostream>

namespace apbfarm::app {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDatabase = "database/farm.db";

std::string timeNow(const char* form)
{
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, form, &parts);
    return text;
}

/// What is written to under a name of its own and then never again: a digest, or a log that is sealed.
bool isFixed(const fs::path& file)
{
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 && (info.st_mode & S_IWUSR) == 0;
}

class BackupMaker {
public:
    BackupMaker(const FarmConfig& config, const fs::path& folder) : config_(config), layout_(config), backup_(folder) {}

    /// Files come before the database and once more after it. What a row names was there before the row, and what was
    /// there when the database was copied stays for longer than copying takes.
    void gather(bool withSecrets)
    {
        addUploads();
        addArtifacts();
        storage::saveSnapshot(layout_.database, backup_.prepare(kDatabase));
        backup_.include(kDatabase);
        addUploads();
        addArtifacts();
        addLogs();
        addConfiguration();
        if (withSecrets)
            addKeys();
        const auto facts = storage::readDatabaseFacts(backup_.place() / kDatabase);
        if (!facts.faults.empty())
            throw Unavailable("The database is damaged and cannot be backed up: " + facts.faults.front() +
                              ". Run apb-farm doctor", "database_damaged");
        look(facts);
        backup_.complete({.madeAt = timeNow("%Y-%m-%dT%H:%M:%SZ"), .version = APB_FARM_VERSION, .schema = facts.schema,
                          .withSecrets = withSecrets});
    }

    files::BackupFolder& folder() { return backup_; }
    const std::vector<std::string>& gaps() const { return gaps_; }

private:
    /// Whoever goes on building meanwhile may take a file away.
    template <class Add> void ifStillThere(const fs::path& file, Add add)
    {
        try {
            add();
        } catch (const Unavailable&) {
            if (fs::exists(file))
                throw;
        }
    }

    std::string nameOf(const fs::path& file) const { return "state/" + fs::relative(file, layout_.directory).string(); }

    void addUploads()
    {
        addByDigest("payloads", [this](const fs::path& file, const std::string& name) {
            return backup_.has(name) ||
                   (files::payloadDigestOf(file) == file.filename() && backup_.addFixed(file, name));
        });
    }

    void addArtifacts()
    {
        addByDigest("artifacts", [this](const fs::path& file, const std::string& name) {
            return backup_.addFixed(file, name, file.filename().string());
        });
    }

    /// `add` returns false when the content is not what the name says.
    template <class Add> void addByDigest(const char* folder, Add add)
    {
        forEachKept(layout_, folder, [&](const fs::path& file) {
            ifStillThere(file, [&] {
                const auto name = nameOf(file);
                if (!add(file, name))
                    damaged_.insert(name);
            });
        });
    }

    void addLogs()
    {
        forEachKept(layout_, "logs", [&](const fs::path& file) {
            ifStillThere(file, [&] {
                isFixed(file) ? static_cast<void>(backup_.addFixed(file, nameOf(file)))
                              : backup_.addCopy(file, nameOf(file));
            });
        });
    }

    void addConfiguration()
    {
        if (!config_.jsonFile.empty())
            backup_.addCopy(config_.jsonFile, "config/apb.json");
        if (!config_.propertiesFile.empty())
            backup_.addCopy(config_.propertiesFile, "config/apb-farm.properties");
    }

    void addKeys()
    {
        for (const auto& key : {layout_.key, layout_.nextKey()})
            if (fs::exists(key))
                backup_.addCopy(key, "secrets/" + std::string(key == layout_.key ? "secret.key" : "secret.key.next"));
    }

    void look(const storage::DatabaseFacts& facts)
    {
        const auto check = [&](const std::string& name, const std::string& what) {
            if (!backup_.has(name))
                gaps_.push_back(what + (damaged_.contains(name) ? " is damaged: " : " is missing: ") + name);
        };
        for (const auto& upload : facts.uploads)
            check(nameOf(layout_.upload(upload.digest)), "The upload of build " + upload.build);
        for (const auto& artifact : facts.artifacts)
            check(nameOf(layout_.artifact(artifact.digest)), artifact.name + " of build " + artifact.build);
    }

    const FarmConfig& config_;
    const StateLayout layout_;
    files::BackupFolder backup_;
    std::set<std::string> damaged_;
    std::vector<std::string> gaps_;
};

void refuseTaken(const fs::path& place)
{
    if (fs::exists(fs::symlink_status(place)))
        throw Unavailable(place.string() + " exists already; a backup never replaces anything. Choose another name",
                          "backup_exists");
    const auto parent = fs::absolute(place).parent_path();
    if (!fs::is_directory(parent))
        throw Unavailable("There is no folder " + parent.string() + " for the backup; make it first", "no_such_folder");
}

void pack(files::BackupFolder& folder, const fs::path& file)
{
    std::vector<std::string> names{std::string(files::kManifestName), std::string(files::kManifestDigestName)};
    for (const auto& entry : folder.manifest().files)
        names.push_back(entry.path);
    const auto temporary = file.parent_path() / (".apb-farm-" + util::randomUuid() + file.extension().string());
    try {
        package::packFolder(folder.place(), names, temporary);
        files::giveName(temporary, file);
    } catch (...) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        throw;
    }
}

} // namespace

BackupVerdict makeBackup(const FarmConfig& config, const fs::path& wanted, bool withSecrets, std::ostream& out)
{
    auto place = fs::absolute(wanted);
    if (fs::is_directory(place))
        place /= "apb-farm-" + timeNow("%Y%m%dT%H%M%SZ");
    refuseTaken(place);
    const StateLayout layout(config);
    if (!fs::exists(layout.database))
        throw Unavailable("There is no database " + layout.database.string() + ", so there is nothing to back up",
                          "no_database");
    if (withSecrets && !fs::exists(layout.key))
        throw NotFound("There is no key " + layout.key.string() +
                           " to put into the backup. If it lies elsewhere, make the "
                           "backup without --with-secrets and copy the key yourself",
                       "no_key");
    const bool asFile = package::isArchiveName(place);
    // What becomes one file is gathered where second names for the farm's files are possible.
    BackupMaker maker(config, (asFile ? layout.directory : place.parent_path()) / (".backup-" + util::randomUuid()));
    maker.gather(withSecrets);
    asFile ? pack(maker.folder(), place) : maker.folder().rename(place);
    for (const auto& gap : maker.gaps())
        out << "warning: " << gap << "\n";
    out << "Backup: " << place.string() << "\n";
    if (!withSecrets)
        out << "It holds no key. Keep a copy of " << layout.key.string()
            << " elsewhere, or passwords of mail servers have "
            << "to be entered again after a restore\n";
    return maker.gaps().empty() ? kBackupWhole : kBackupWithGaps;
}

} // namespace apbfarm::app
