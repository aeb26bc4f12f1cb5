// SPDX-License-Identifier: MIT
#include "http/worker_pool.h"

#include "util/worker.h"

namespace apbfarm::http {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStack = 2 << 20; // instrumented frames are several times as large
#else
constexpr std::size_t kStack = 256 << 10;
#endif

} // namespace

bool WorkerPool::submit(std::function<void()> job)
{
    std::unique_lock lock(mutex_);
    if (ending_)
        return false;
    const bool hasThread = idle_ > jobs_.size() || startThread();
    if (!hasThread && (threads_.empty() || jobs_.size() >= maxWaiting_ + idle_))
        return false;
    try {
        jobs_.push_back(std::move(job));
    } catch (const std::bad_alloc&) {
        return false;
    }
    lock.unlock();
    if (hasThread)
        work_.notify_one();
    return true;
}

std::size_t WorkerPool::waiting() const
{
    std::lock_guard lock(mutex_);
    return jobs_.size() > idle_ ? jobs_.size() - idle_ : 0;
}

void WorkerPool::join()
{
    std::vector<pthread_t> threads;
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
        threads.swap(threads_);
    }
    work_.notify_all();
    for (const auto thread : threads)
        pthread_join(thread, nullptr);
}

// Counted as idle at once, so that the next submit does not rely on a thread that is taken.
bool WorkerPool::startThread()
{
    if (threads_.size() >= maxThreads_)
        return false;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStack);
    pthread_t thread;
    const bool started = pthread_create(&thread, &attributes, &WorkerPool::threadMain, this) == 0;
    pthread_attr_destroy(&attributes);
    if (started) {
        threads_.push_back(thread);
        ++idle_;
    }
    return started;
}

void* WorkerPool::threadMain(void* pool)
{
    util::nameThread("http-worker");
    static_cast<WorkerPool*>(pool)->run();
    return nullptr;
}

void WorkerPool::run()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (jobs_.empty())
            return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        --idle_;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        ++idle_;
    }
}

} // namespace apbfarm::http
