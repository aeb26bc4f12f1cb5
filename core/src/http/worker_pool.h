// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace apbfarm::http {

/// Threads for handlers that may wait: started when needed, never more than a fixed number, with small stacks.
class WorkerPool {
public:
    WorkerPool(std::size_t maxThreads, std::size_t maxWaiting) : maxThreads_(maxThreads), maxWaiting_(maxWaiting)
    {
        threads_.reserve(maxThreads_);
    }
    ~WorkerPool() { join(); }
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// False when too many wait already, memory is short or the pool is being joined. `job` must not throw.
    bool submit(std::function<void()> job);
    std::size_t waiting() const;
    /// Runs what waits, then ends the threads. Idempotent.
    void join();

private:
    static void* threadMain(void* pool);
    void run();
    bool startThread();

    const std::size_t maxThreads_, maxWaiting_;
    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::deque<std::function<void()>> jobs_;
    std::vector<pthread_t> threads_;
    std::size_t idle_ = 0;
    bool ending_ = false;
};

} // namespace apbfarm::http
