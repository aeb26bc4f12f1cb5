// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"
#include "util/histogram.h"

#include <apbfarm/storage.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace apbfarm::storage {

/// The one that writes: a thread with the only writing connection. What gathers while it commits goes into the next
/// transaction together, so that many callers share one sync of the disk (S1, S3).
class GroupCommit {
public:
    /// May run twice, the first run undone: it must set what it returns anew each time.
    using Work = std::function<void(Connection&)>;

    explicit GroupCommit(std::unique_ptr<Connection> connection);
    /// Finishes what was handed over.
    ~GroupCommit();
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    /// Runs the work on the writing thread; when it returns, the work is on stable storage. What the work throws comes
    /// back and nothing of it remains; others in the same transaction are not affected. Throws `StorageFull`,
    /// `Unavailable`, `Conflict` for what the engine says.
    void run(const Work& work);

    /// False for good after the medium has failed (D9).
    bool writable() const { return writable_.load(); }
    /// Changes handed over and not yet taken into a transaction.
    std::size_t waiting();
    StorageFigures figures();

private:
    struct Item {
        const Work* work;
        std::exception_ptr error;
    };
    struct Batch {
        std::vector<Item*> items;
        std::atomic<int> done{0};
    };

    std::shared_ptr<Batch> enqueue(Item& item);
    std::shared_ptr<Batch> take();
    void loop();
    void commit(Batch& batch);
    bool commitTogether(Batch& batch);
    void commitAlone(Item& item);
    bool leftNothing(std::int64_t changesBefore) const;
    void fail(Item& item, std::exception_ptr error);
    void refuse(Item& item);
    void undo();
    void tidy();

    std::unique_ptr<Connection> connection_;
    std::atomic<bool> writable_{true};
    std::atomic<std::uint64_t> changes_{0};
    util::Histogram commits_;
    std::mutex mutex_;
    std::condition_variable gathered_;
    std::deque<std::shared_ptr<Batch>> waiting_;
    bool stopping_ = false;
    std::thread thread_;   // last: starts when all else is there
};

} // namespace apbfarm::storage
