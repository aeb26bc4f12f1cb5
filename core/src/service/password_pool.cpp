// SPDX-License-Identifier: MIT
#include "service/password_pool.h"

#include "util/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace apbfarm::service {

namespace {

constexpr int kNice = 10;   // below the rest of the farm, which may be started below others itself

} // namespace

int PasswordPool::defaultThreads()
{
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
}

PasswordPool::PasswordPool(int threads, std::size_t waiting) : maxWaiting_(waiting)
{
    try {
        for (int i = 0; i < std::max(1, threads); ++i)
            threads_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
        endThreads();   // a thread that nobody joins would end the process with a signal
        throw;
    }
}

PasswordPool::~PasswordPool()
{
    endThreads();
}

void PasswordPool::endThreads()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    // One by one: another queue would need memory, and a destructor has nobody to tell.
    while (dropOne()) {}
    changed_.notify_all();
    for (auto& thread : threads_)
        thread.join();
}

bool PasswordPool::dropOne()
{
    std::function<void()> dropped;
    std::lock_guard lock(mutex_);
    if (tasks_.empty())
        return false;
    dropped = std::move(tasks_.front());
    tasks_.pop_front();
    return true;
}

void PasswordPool::push(std::function<void()> task)
{
    {
        std::lock_guard lock(mutex_);
        if (stopping_)
            throw Unavailable("The farm is shutting down", "shutting_down");
        if (tasks_.size() >= maxWaiting_)
            throw TooMany("Too many people are logging in at this moment; try again shortly", std::chrono::seconds(2),
                          "login_busy");
        tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
}

void PasswordPool::work()
{
    util::nameThread("password");
    // Of this thread alone: on Linux every thread has a priority of its own. Without the right to it all works, too.
    const auto self = static_cast<id_t>(::gettid());
    ::setpriority(PRIO_PROCESS, self, ::getpriority(PRIO_PROCESS, self) + kNice);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (stopping_)
            return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

} // namespace apbfarm::service
