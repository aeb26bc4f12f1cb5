// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace apbfarm::service {

/// The only threads on which passwords are hashed and checked: at most half the cores, at low priority, so that
/// a flood of log-ins slows down nothing but log-ins (U3).
class PasswordPool {
public:
    /// Half the cores, at least one.
    static int defaultThreads();

    explicit PasswordPool(int threads = defaultThreads(), std::size_t waiting = 16);
    /// What still waits is dropped; its callers get `Unavailable`.
    ~PasswordPool();
    PasswordPool(const PasswordPool&) = delete;
    PasswordPool& operator=(const PasswordPool&) = delete;

    /// Does not wait. The future throws what `f` threw, or `Unavailable` when the farm ends first.
    /// Throws `TooMany` when too many wait already.
    template <class F> auto start(F f) -> std::future<std::invoke_result_t<F&>>
    {
        auto job = std::make_shared<Job<F>>(std::move(f));
        auto result = job->promise.get_future();
        push([job] { job->run(); });
        return result;
    }

    /// Waits until `f` ran and gives what it gave. Never from one of the pool's own threads.
    template <class F> auto run(F f) -> std::invoke_result_t<F&> { return start(std::move(f)).get(); }

private:
    template <class F> struct Job {
        using Result = std::invoke_result_t<F&>;

        explicit Job(F work) : f(std::move(work)) {}
        ~Job()
        {
            if (ran)
                return;
            try {
                throw Unavailable("The farm is shutting down", "shutting_down");
            } catch (...) {
                promise.set_exception(std::current_exception());   // which may be a lack of memory
            }
        }
        void run()
        {
            ran = true;
            try {
                if constexpr (std::is_void_v<Result>) {
                    f();
                    promise.set_value();
                } else {
                    promise.set_value(f());
                }
            } catch (...) {
                promise.set_exception(std::current_exception());
            }
        }

        F f;
        std::promise<Result> promise;
        bool ran = false;
    };

    void push(std::function<void()> task);
    /// False when nothing waits. Its callers hear of it outside the lock.
    bool dropOne();
    void endThreads();
    void work();

    const std::size_t maxWaiting_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace apbfarm::service
