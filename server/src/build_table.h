// SPDX-License-Identifier: MIT
#pragma once

#include "build_log.h"
#include "build_record.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace apbfarm::server {

/// All builds that this server knows, in memory and on disk. Thread-safe; readers never wait for the disk.
class BuildTable {
public:
    using Report = std::function<void(const std::string& trouble)>;

    /// `folder` is made when absent. `report` is told what could not be stored; any thread. Throws as
    /// std::filesystem does.
    BuildTable(std::filesystem::path folder, Report report);

    /// Reads what an earlier run left. What was being built then is now failed, and its log says why.
    void restore();

    /// An id that is being submitted. Given back by the destructor unless `accept` has taken it.
    class Reservation {
    public:
        ~Reservation();
        Reservation(const Reservation&) = delete;
        Reservation& operator=(const Reservation&) = delete;

        const BuildId& id() const { return id_; }
        /// Where the submission is put together, out of sight of readers. Empty at first.
        const BuildFolder& folder() const { return folder_; }

    private:
        friend class BuildTable;
        Reservation(BuildTable& table, BuildId id);
        BuildTable& table_;
        BuildId id_;
        BuildFolder folder_;
    };
    /// Null when the id is known already. `id` must be a UUID.
    std::unique_ptr<Reservation> reserve(const BuildId& id);
    /// Stores a queued build. Durable when it returns. Throws as `save` does; then nothing has changed.
    void accept(const Reservation& reservation, const BuildRecord& record);

    std::optional<BuildRecord> find(const BuildId& id) const;
    /// Oldest first.
    std::vector<BuildRecord> list() const;
    BuildFolder folderOf(const BuildId& id) const { return {folder_ / id}; }
    /// Null for an unknown build. Throws std::system_error when the file cannot be opened.
    std::shared_ptr<BuildLog> log(const BuildId& id);

    /// Applies `change` to a copy; when it returns true the copy is stored and then shown. Changes of one build come
    /// one after the other. A full disk does not undo what has happened: it is reported, and the change stands.
    /// False for an unknown build or a refused change.
    bool change(const BuildId& id, const std::function<bool(BuildRecord&)>& change);

    /// No more will be written to the log of that ended build; its viewers are told the end.
    void closeLog(const BuildId& id);

    /// Removes finished builds that ended before `limit`, with all their files. How many.
    std::size_t removeEndedBefore(Timestamp limit);

private:
    struct Entry {
        BuildRecord record;                 // guarded by the table's mutex
        std::shared_ptr<BuildLog> writing;  // guarded by it; of a build that has not ended
        std::weak_ptr<BuildLog> reading;    // guarded by it
        // Held while a change of this one build goes to disk, so that an older state never replaces a newer one.
        // Nobody else waits for it: readers use the table's mutex.
        std::mutex changing;
    };
    std::shared_ptr<Entry> entry(const BuildId& id) const;
    void adopt(const BuildFolder& folder);

    std::filesystem::path folder_;
    Report report_;
    mutable std::mutex mutex_;
    std::map<BuildId, std::shared_ptr<Entry>> entries_;
    std::set<BuildId> reserved_;
};

} // namespace apbfarm::server
