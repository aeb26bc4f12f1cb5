// SPDX-License-Identifier: MIT
#pragma once

#include "build_run.h"
#include "build_table.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace apbfarm::server {

/// Runs accepted builds, oldest first, a bounded number at a time.
///
/// One thread per slot: it waits for a build, follows it to its end, and takes the next. Stopped by the destructor.
class BuildEngine {
public:
    using Report = std::function<void(const std::string& text)>;

    /// Queued builds that `table` has already go on at once.
    BuildEngine(const Settings& settings, const Builder& builder, const Account& account, BuildTable& table,
                Report report);
    ~BuildEngine();

    /// Puts a build of the table, just accepted, in the queue.
    void enqueue(const BuildId& id);

    enum class CancelOutcome { Cancelled, AlreadyFinished, Unknown };
    /// Final when it returns; the processes die within moments and never change the verdict.
    CancelOutcome cancel(const BuildId& id);

    struct Running {
        BuildId id;
        bool recreatesBuildroot = false;
    };
    struct Load {
        std::vector<Running> running;   ///< slots in use, also by cancelled builds whose processes are not gone yet
        std::size_t queued = 0;
    };
    Load load() const;

    /// Ends running builds as interrupted; queued ones stay queued for the next start. Idempotent.
    void stop();

private:
    struct Slot {
        std::shared_ptr<StopSignal> stop;
        bool recreatesBuildroot = false;
    };
    struct Work {
        BuildId id;
        std::shared_ptr<StopSignal> stop;
        bool recreateBuildroot = false;
    };

    void work();
    std::optional<Work> next();
    bool mayStart() const;
    bool recreationIsDue() const;
    void build(const Work& work);
    bool begin(const BuildId& id);
    RunResult run(const Work& work, BuildLog& log);
    void end(const BuildId& id, const RunResult& result, BuildLog& log);
    void release(const BuildId& id);
    void makeRoom();

    const Settings& settings_;
    const Builder& builder_;
    const Account& account_;
    BuildTable& table_;
    Report report_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<BuildId> queue_;
    std::map<BuildId, Slot> running_;
    int startedSinceRecreation_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;   // last: start when all else is there
};

} // namespace apbfarm::server
