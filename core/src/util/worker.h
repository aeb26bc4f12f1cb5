// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace apbfarm::util {

/// One named thread that runs a step whenever it is woken or the time the step asked for has come.
///
/// The step returns how long to sleep at most; empty means until woken. What it throws is reported to `onError`
/// and the step runs again after a second. Stopped and joined by the destructor.
class Worker {
public:
    using Step = std::function<std::optional<std::chrono::milliseconds>()>;
    using OnError = std::function<void(const std::string& what)>;

    Worker(std::string name, Step step, OnError onError);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Runs the step soon. Wakes that come while it runs lead to one more run. Any thread.
    void wake();
    /// Ends the thread after the running step. Safe to call twice, not from the step itself.
    void stop();

private:
    void run();

    std::string name_;
    Step step_;
    OnError onError_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = true;
    bool stopping_ = false;
    std::thread thread_;   // last: starts when all else is there
};

/// Names the calling thread for debuggers and `ps`; at most 15 characters are kept.
void nameThread(const std::string& name);

} // namespace apbfarm::util
