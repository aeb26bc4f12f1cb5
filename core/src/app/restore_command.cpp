// SPDX-License-Identifier: MIT
#include "app/restore_command.h"

#include "app/restore_places.h"
#include "app/state_layout.h"
#include "files/backup_folder.h"
#include "package/folder_archive.h"
#include "storage/database_facts.h"
#include "storage/lock_file.h"
#include "util/durable_file.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <ctime>
#include <fstream>
#include <ostream>

namespace apbfarm::app {

namespace fs = std::filesystem;

namespace {

/// One thing that is put in place by a rename.
struct Item {
    fs::path staged;                 ///< need not exist: then the place stays empty
    fs::path final;
};

bool holdsFiles(const fs::path& place)
{
    std::error_code absent;
    if (!fs::is_directory(place, absent))
        return fs::exists(fs::symlink_status(place, absent));
    for (const auto& entry : fs::recursive_directory_iterator(place, absent))
        if (!entry.is_directory())
            return true;
    return false;
}

void move(const fs::path& from, const fs::path& to)
{
    fs::rename(from, to);
    util::syncDirectory(to.parent_path());
    util::syncDirectory(from.parent_path());
}

class Restore {
public:
    Restore(const FarmConfig& config)
        : layout_(config), unpacked_(layout_.directory / ".restore-unpacked"), staged_(layout_.directory / ".restore"),
          beside_(layout_.database.parent_path() / ".restore-database")
    {
        for (const auto* folder : kKeptFolders)
            items_.push_back({staged_.path() / folder, layout_.directory / folder});
        // The last one makes it a farm.
        for (const auto* ending : {"-wal", "-shm", ""})
            items_.push_back({beside_.path() / ("farm.db" + std::string(ending)), layout_.database.string() + ending});
    }

    /// Copies the backup to where renames suffice, and checks it on the way.
    files::BackupManifest stage(const fs::path& backup)
    {
        const bool isFile = !fs::is_directory(backup);
        if (isFile)
            package::unpackFolder(backup, unpacked_.path());
        const auto& source = isFile ? unpacked_.path() : backup;
        const auto manifest = files::readManifest(source);
        for (const auto& file : manifest.files)
            copy(source / file.path, file);
        refuseUnusable();
        return manifest;
    }

    bool isInTheWay() const
    {
        for (const auto& item : items_)
            if (holdsFiles(item.final))
                return true;
        return false;
    }

    /// A key that came with the backup replaces the one that is there.
    void includeKey()
    {
        if (!fs::exists(staged_.path() / "secret.key"))
            return;
        for (const auto* ending : {".next", ""})
            items_.insert(items_.begin(), {staged_.path() / ("secret.key" + std::string(ending)),
                                           layout_.directory / ("secret.key" + std::string(ending))});
    }

    /// The mark says since when and where to: who completes this must not take old state for new.
    fs::path putAside()
    {
        auto aside = readMark();
        if (aside.empty()) {
            const auto base = (layout_.directory / ("before-restore-" + std::to_string(std::time(nullptr)))).string();
            aside = base;
            for (int number = 2; fs::exists(aside); ++number)
                aside = base + "-" + std::to_string(number);
            writeMark(aside);
        }
        util::makePrivateDirectory(aside);
        for (const auto& item : items_)
            if (holdsFiles(item.final))
                move(item.final, aside / item.final.filename());
        return aside;
    }

    void putInPlace()
    {
        writeMark("");
        for (const auto& item : items_) {
            fs::remove_all(item.final);
            if (fs::exists(item.staged))
                move(item.staged, item.final);
        }
        fs::remove(layout_.restoreMark());
        util::syncDirectory(layout_.directory);
    }

    bool isMarked() const { return fs::exists(layout_.restoreMark()); }
    /// Where the mark says that old state still goes; empty: what lies in place is new.
    fs::path readMark() const
    {
        std::string aside;
        std::getline(std::ifstream(layout_.restoreMark()), aside);
        return aside;
    }

private:
    void writeMark(const fs::path& aside)
    {
        util::DurableFile mark(layout_.directory);
        mark.write(aside.string() + "\n");
        mark.commit(layout_.restoreMark());
    }

    void copy(const fs::path& from, const files::BackupManifest::File& file)
    {
        const fs::path name = file.path;
        const auto top = name.begin()->string();
        auto target = staged_.path() / name.lexically_relative(top);
        if (top == "database")
            target = beside_.path() / "farm.db";
        else if (top == "config")
            target = staged_.path() / name;
        else if (top != "state" && top != "secrets")
            throw InvalidInput("The backup holds " + file.path + ", which this program does not know",
                               "backup_damaged");
        util::makePrivateDirectory(target.parent_path());
        if (!fs::is_regular_file(fs::symlink_status(from)))
            throw InvalidInput("The backup is damaged: " + file.path + " is missing. Take another backup",
                               "backup_damaged");
        // What was unpacked for this need not be there twice.
        from.string().starts_with(unpacked_.path().string()) ? fs::rename(from, target)
                                                             : files::copyPrivately(from, target);
        const auto found = files::describeFile(target, file.path);
        if (found.size != file.size || found.sha256 != file.sha256)
            throw InvalidInput("The backup is damaged: " + file.path + " is not what was written. Take another backup",
                               "backup_damaged");
        if (file.readOnly)
            fs::permissions(target, fs::perms::owner_read);
    }

    void refuseUnusable()
    {
        const auto facts = storage::readDatabaseFacts(beside_.path() / "farm.db");
        if (!facts.faults.empty())
            throw InvalidInput("The backup is damaged: its database is not whole. Take another backup",
                               "backup_damaged");
        if (facts.schema > facts.knownSchema)
            throw InvalidInput("The backup was made by a newer program, which is needed to restore it",
                               "backup_too_new");
        files::syncFileSystem(staged_.path());
        files::syncFileSystem(beside_.path());
    }

    StateLayout layout_;
    Staging unpacked_, staged_, beside_;
    std::vector<Item> items_;
};

} // namespace

void restoreBackup(const FarmConfig& config, const fs::path& backup, bool asideFirst, std::ostream& out)
{
    if (!fs::exists(backup))
        throw InvalidInput("There is no backup " + backup.string(), "no_backup");
    const StateLayout layout(config);
    refuseForeignRoot(layout);
    Footprint state(layout.directory), database(layout.lock());
    util::makePrivateDirectory(layout.directory);
    util::makePrivateDirectory(layout.database.parent_path());
    const storage::LockFile alone(layout.lock());
    Restore restore(config);
    const bool goesOn = restore.isMarked();
    if (!goesOn && !asideFirst && restore.isInTheWay())
        throw Conflict("There is a farm's state in " + layout.directory.string() + " or " + layout.database.string() +
                       " already. Nothing was changed. With --force it is put aside first", "state_exists");
    const auto manifest = restore.stage(backup);
    state.keep();
    database.keep();
    restore.includeKey();
    if (goesOn ? !restore.readMark().empty() : restore.isInTheWay())
        out << "The state that was there is now in " << restore.putAside().string() << "\n";
    restore.putInPlace();
    out << "Restored the backup of " << manifest.madeAt << ": " << manifest.files.size() << " files\n";
    if (!manifest.withSecrets)
        out << "It holds no key: put the farm's own at " << layout.key.string()
            << " before the start, or enter passwords of mail servers again\n";
}

} // namespace apbfarm::app
