// SPDX-License-Identifier: MIT
#pragma once

#include <boost/context/fiber.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

namespace apbfarm::sim {

/// Virtual time since the case began.
using Time = std::chrono::microseconds;
using FiberId = std::size_t;

/// All chance of a case comes from here.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0x1234567) {}

    std::uint64_t next();
    /// 0 to `end` - 1
    std::uint64_t below(std::uint64_t end) { return next() % end; }
    bool chance(std::uint64_t perMille) { return perMille != 0 && next() % 1000 < perMille; }
    Time between(Time least, Time most) { return least + Time(below(static_cast<std::uint64_t>((most - least).count()) + 1)); }

private:
    std::uint64_t state_;
};

/// Virtual time, what is due in it, and the farm's threads as fibers. One per case; its thread is the only one.
class Engine {
public:
    /// What a fiber throws that the process takes with it when it dies.
    struct Killed {};
    /// Lives while shared data is held: the moment before may belong to somebody else.
    class Held {
    public:
        Held() : engine_(current())
        {
            if (!engine_)
                return;
            engine_->preempt();
            ++engine_->held_;
        }
        ~Held()
        {
            if (engine_)
                --engine_->held_;
        }

    private:
        Engine* engine_;
    };

    Engine(std::uint64_t seed, std::uint64_t preemptionsPerMille);
    ~Engine();
    /// Of the case that this thread plays; none in threads of the storage.
    static Engine* current();

    Time now() const { return now_; }
    Random& random() { return random_; }
    std::uint64_t switches() const { return switches_; }

    /// Outside of any fiber.
    void at(Time when, std::function<void()> task);
    /// Does what is due next. False when nothing is left.
    bool step();

    FiberId spawn(std::function<void()> body);
    /// Of the running fiber: until then, or until woken. True when woken.
    bool sleep(std::optional<Time> until);
    void rest(Time length);
    void wake(FiberId fiber);
    /// Waits for its end. Outside of fibers it must have ended.
    void join(FiberId fiber);
    /// All fibers end where they stand, as the threads of a killed process do.
    void kill();
    void preempt();
    bool inFiber() const { return running_ != nullptr; }
    FiberId self() const { return running_->id; }
    void noPreemption() { preemptions_ = 0; }

private:
    struct Exceptions {                  ///< of the thread, as the C++ runtime keeps them
        void* caught = nullptr;
        unsigned uncaught = 0;
    };
    struct Fiber {
        FiberId id = 0;
        boost::context::fiber inside, outside;
        std::function<void()> body;
        Exceptions exceptions;
        std::uint64_t sleep = 0;         ///< which sleep it is in; 0: none
        bool woken = false, dying = false, ended = false;
        std::vector<FiberId> joining;
    };
    struct Due {
        Time when;
        std::uint64_t order;
        Fiber* fiber;                    ///< either this, to be woken from that sleep
        std::uint64_t sleep;
        bool wakes;
        std::function<void()> task;      ///< or this

        bool operator<(const Due& other) const
        {
            return when != other.when ? when > other.when : order > other.order;
        }
    };

    void push(Due due);
    void resume(Fiber& fiber);
    void suspend();
    void die() const;

    Random random_;
    std::uint64_t preemptions_;
    Time now_{0};
    std::vector<Due> due_;               ///< a heap
    std::deque<Fiber> fibers_;
    Fiber* running_ = nullptr;
    std::uint64_t order_ = 0, sleeps_ = 0, switches_ = 0;
    int held_ = 0;
};

/// What stays locked while the farm waits for its disk.
class Turn {
public:
    void lock();
    void unlock();

private:
    bool taken_ = false;
    std::deque<FiberId> waiting_;
};

} // namespace apbfarm::sim
