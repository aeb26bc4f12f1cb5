// SPDX-License-Identifier: MIT
#pragma once

#include "fit_memory.h"
#include "fit_policy.h"

#include <apbfarm/context.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace fit {

/// A policy that two threads share: the dispatcher asks, the learner teaches. No lock is held while the storage is read.
class SharedPolicy {
public:
    explicit SharedPolicy(FitPolicy::Options options) : policy_(options) {}

    template <class F> auto with(F&& f)
    {
        std::lock_guard lock(mutex_);
        return f(policy_);
    }

private:
    std::mutex mutex_;
    FitPolicy policy_;
};

/// Follows builds in the storage to their ends and learns from those that completed, in a thread of its own.
///
/// What was stored is known when it has been made. At the first start it learns from the builds that the farm remembers.
class Learner {
public:
    Learner(SharedPolicy& policy, apbfarm::ExtensionContext& context, std::chrono::milliseconds interval, int history);
    ~Learner();

    /// A build was placed. Any thread; takes a note only.
    void follow(const apbfarm::BuildId& build);

private:
    void run();
    void learnHistory();
    void round();
    bool look(const apbfarm::BuildId& id);
    static void learnFrom(FitPolicy& policy, const apbfarm::Build& build, const ReportedMemory& memory);
    void learnAndStore(const apbfarm::Build& build);
    std::vector<apbfarm::Build> readHistory();

    SharedPolicy& policy_;
    apbfarm::BuildStore& builds_;
    FitMemory memory_;
    Poco::Logger& logger_;
    std::chrono::milliseconds interval_;
    int history_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool knowsHistory_ = false;      ///< of the thread
    std::set<apbfarm::BuildId> followed_;
    std::thread thread_;   // last: it uses all else
};

} // namespace fit
