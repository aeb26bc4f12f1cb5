// SPDX-License-Identifier: MIT
#include "build_table.h"

#include "workspace.h"

#include "util/durable_file.h"
#include "util/secrets.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

constexpr auto kIncoming = ".incoming";
constexpr auto kPassable = fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec;

Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Ending endingOf(const BuildRecord& record)
{
    return {record.status, record.exitCode};
}

/// Everything written so far on that file system; one call instead of one per file of a submission.
void syncFileSystem(const fs::path& folder)
{
    const util::UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::syncfs(directory.get()) != 0)
        throw Unavailable("cannot store the build", "storage_failed");
}

void failInterrupted(BuildRecord& record, const BuildFolder& folder)
{
    BuildLog log(folder.log());
    log.line("Build interrupted: the server was restarted");
    log.line("Build " + record.id + " finished");
    record.status = BuildStatus::Failed;
    record.exitCode = 1;
    record.endedAt = now();
    save(record, folder);
}

} // namespace

BuildTable::BuildTable(fs::path folder, Report report) : folder_(std::move(folder)), report_(std::move(report))
{
    fs::create_directories(folder_);
    removeTree(folder_ / kIncoming);
    util::makePrivateDirectory(folder_ / kIncoming);
}

void BuildTable::restore()
{
    for (const auto& item : fs::directory_iterator(folder_)) {
        const auto name = item.path().filename().string();
        if (!util::isUuid(name) || !item.is_directory())
            continue;
        try {
            adopt({item.path()});
        } catch (const std::exception& error) {
            report_("build " + name + " could not be restored: " + error.what());
        }
    }
}

void BuildTable::adopt(const BuildFolder& folder)
{
    auto record = load(folder);
    if (!record || record->id != folder.path.filename())
        return;
    removeTree(folder.scratch());
    if (record->status == BuildStatus::Building)
        failInterrupted(*record, folder);
    auto entry = std::make_shared<Entry>();
    entry->record = *record;
    if (!record->isFinal())
        entry->writing = std::make_shared<BuildLog>(folder.log());
    std::lock_guard lock(mutex_);
    entries_.emplace(record->id, std::move(entry));
}

BuildTable::Reservation::Reservation(BuildTable& table, BuildId id)
    : table_(table), id_(std::move(id)), folder_{table.folder_ / kIncoming / id_}
{
}

BuildTable::Reservation::~Reservation()
{
    removeTree(folder_.path);
    std::lock_guard lock(table_.mutex_);
    table_.reserved_.erase(id_);
}

std::unique_ptr<BuildTable::Reservation> BuildTable::reserve(const BuildId& id)
{
    std::unique_ptr<Reservation> reservation;
    {
        std::lock_guard lock(mutex_);
        if (entries_.contains(id) || !reserved_.insert(id).second)
            return nullptr;
        reservation.reset(new Reservation(*this, id));
    }
    // A folder without a record may stand there: of another program, and not ours to replace.
    if (fs::exists(folder_ / id))
        return nullptr;
    removeTree(reservation->folder().path);
    fs::create_directories(reservation->folder().sources());
    return reservation;
}

void BuildTable::accept(const Reservation& reservation, const BuildRecord& record)
{
    const auto& incoming = reservation.folder();
    save(record, incoming);
    fs::permissions(incoming.path, kPassable);   // the build account passes through, and can list nothing
    fs::permissions(incoming.sources(), fs::perms::owner_all);
    const auto folder = folderOf(record.id);
    auto entry = std::make_shared<Entry>();
    entry->record = record;
    entry->writing = std::make_shared<BuildLog>(incoming.log());
    syncFileSystem(incoming.path);
    fs::rename(incoming.path, folder.path);
    util::syncDirectory(folder_);
    std::lock_guard lock(mutex_);
    entries_.emplace(record.id, std::move(entry));
}

std::shared_ptr<BuildTable::Entry> BuildTable::entry(const BuildId& id) const
{
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : found->second;
}

std::optional<BuildRecord> BuildTable::find(const BuildId& id) const
{
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::nullopt : std::optional(found->second->record);
}

std::vector<BuildRecord> BuildTable::list() const
{
    std::vector<BuildRecord> records;
    {
        std::lock_guard lock(mutex_);
        for (const auto& [id, entry] : entries_)
            records.push_back(entry->record);
    }
    std::ranges::stable_sort(records, {}, &BuildRecord::createdAt);
    return records;
}

std::shared_ptr<BuildLog> BuildTable::log(const BuildId& id)
{
    const auto entry = this->entry(id);
    if (!entry)
        return nullptr;
    Ending ending;
    {
        std::lock_guard lock(mutex_);
        if (entry->writing)
            return entry->writing;
        if (auto log = entry->reading.lock())
            return log;
        ending = endingOf(entry->record);
    }
    auto log = std::make_shared<BuildLog>(folderOf(id).log());
    log->finish(ending);
    std::lock_guard lock(mutex_);
    entry->reading = log;
    return log;
}

bool BuildTable::change(const BuildId& id, const std::function<bool(BuildRecord&)>& change)
{
    const auto entry = this->entry(id);
    if (!entry)
        return false;
    std::lock_guard changing(entry->changing);
    BuildRecord copy;
    {
        std::lock_guard lock(mutex_);
        copy = entry->record;
    }
    if (!change(copy))
        return false;
    try {
        save(copy, folderOf(id));
    } catch (const std::exception& error) {
        report_("build " + id + " could not be stored: " + error.what());
    }
    std::lock_guard lock(mutex_);
    entry->record = copy;
    return true;
}

void BuildTable::closeLog(const BuildId& id)
{
    const auto entry = this->entry(id);
    if (!entry)
        return;
    std::shared_ptr<BuildLog> log;
    Ending ending;
    {
        std::lock_guard lock(mutex_);
        log = std::exchange(entry->writing, nullptr);
        entry->reading = log;
        ending = endingOf(entry->record);
    }
    if (log)
        log->finish(ending);
}

std::size_t BuildTable::removeEndedBefore(Timestamp limit)
{
    std::vector<BuildId> gone;
    {
        std::lock_guard lock(mutex_);
        for (const auto& [id, entry] : entries_)
            if (!entry->writing && entry->record.isFinal() && entry->record.endedAt.value_or(limit) < limit)
                gone.push_back(id);
        for (const auto& id : gone)
            entries_.erase(id);
    }
    for (const auto& id : gone) {
        std::error_code ignored;
        fs::remove(folderOf(id).record(), ignored);   // first: half a build must not come back after a crash
        removeTree(folderOf(id).path);
    }
    return gone.size();
}

} // namespace apbfarm::server
