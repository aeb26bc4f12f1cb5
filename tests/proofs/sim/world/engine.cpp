// SPDX-License-Identifier: MIT
#include "proofs/sim/world/engine.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>

// The exceptions that a thread is dealing with: part of the ABI of C++, but in no header.
extern "C" void* __cxa_get_globals() noexcept;

namespace apbfarm::sim {

namespace {

constexpr std::size_t kStack = 256 << 10;

thread_local Engine* engineOfThread = nullptr;

/// Stacks are used again: making one costs more than most cases spend on it.
class Stacks {
public:
    ~Stacks()
    {
        for (void* stack : free_)
            ::munmap(stack, kStack);
    }
    void* take()
    {
        if (!free_.empty()) {
            void* stack = free_.back();
            free_.pop_back();
            return stack;
        }
        void* stack = ::mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (stack == MAP_FAILED)
            throw std::bad_alloc();
        return stack;
    }
    void give(void* stack) { free_.push_back(stack); }

private:
    std::vector<void*> free_;
};

thread_local Stacks stacks;

struct StackOfThread {
    boost::context::stack_context allocate()
    {
        boost::context::stack_context context;
        context.size = kStack;
        context.sp = static_cast<char*>(stacks.take()) + kStack;
        return context;
    }
    void deallocate(boost::context::stack_context& context) { stacks.give(static_cast<char*>(context.sp) - kStack); }
};

} // namespace

std::uint64_t Random::next()
{
    auto value = state_ += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

Engine::Engine(std::uint64_t seed, std::uint64_t preemptionsPerMille) : random_(seed), preemptions_(preemptionsPerMille)
{
    engineOfThread = this;
}

Engine::~Engine()
{
    kill();
    engineOfThread = nullptr;
}

Engine* Engine::current()
{
    return engineOfThread;
}

void Engine::push(Due due)
{
    due_.push_back(std::move(due));
    std::push_heap(due_.begin(), due_.end());
}

void Engine::at(Time when, std::function<void()> task)
{
    push({std::max(when, now_), ++order_, nullptr, 0, false, std::move(task)});
}

bool Engine::step()
{
    if (due_.empty())
        return false;
    std::pop_heap(due_.begin(), due_.end());
    auto due = std::move(due_.back());
    due_.pop_back();
    now_ = due.when;
    if (!due.fiber) {
        due.task();
        return true;
    }
    if (due.fiber->ended || due.fiber->sleep != due.sleep)
        return true;
    due.fiber->woken = due.wakes;
    resume(*due.fiber);
    return true;
}

FiberId Engine::spawn(std::function<void()> body)
{
    auto& fiber = fibers_.emplace_back();
    fiber.id = fibers_.size() - 1;
    fiber.body = std::move(body);
    fiber.sleep = ++sleeps_;
    fiber.inside = boost::context::fiber(std::allocator_arg, StackOfThread(), [this, &fiber](boost::context::fiber&& out) {
        fiber.outside = std::move(out);
        try {
            die();
            fiber.body();
        } catch (const Killed&) {
            // The process is gone, and this thread with it.
        }
        fiber.ended = true;
        return std::move(fiber.outside);
    });
    push({now_, ++order_, &fiber, fiber.sleep, false, {}});
    return fiber.id;
}

void Engine::resume(Fiber& fiber)
{
    auto* const globals = __cxa_get_globals();
    Exceptions outside;
    std::memcpy(&outside, globals, sizeof outside);
    std::memcpy(globals, &fiber.exceptions, sizeof outside);
    running_ = &fiber;
    ++switches_;
    fiber.inside = std::move(fiber.inside).resume();
    running_ = nullptr;
    std::memcpy(&fiber.exceptions, globals, sizeof outside);
    std::memcpy(globals, &outside, sizeof outside);
    if (fiber.ended)
        for (const auto other : fiber.joining)
            wake(other);
}

void Engine::suspend()
{
    auto& fiber = *running_;
    fiber.outside = std::move(fiber.outside).resume();
    fiber.sleep = 0;
    die();
}

/// Nothing more is done by a thread whose process was killed but to leave.
void Engine::die() const
{
    if (running_->dying && std::uncaught_exceptions() == 0)
        throw Killed();
}

bool Engine::sleep(std::optional<Time> until)
{
    auto& fiber = *running_;
    die();
    fiber.sleep = ++sleeps_;
    fiber.woken = false;
    if (until)
        push({std::max(*until, now_), ++order_, &fiber, fiber.sleep, false, {}});
    suspend();
    return fiber.woken;
}

void Engine::rest(Time length)
{
    const auto end = now_ + length;
    while (now_ < end)
        sleep(end);
}

void Engine::wake(FiberId id)
{
    auto& fiber = fibers_[id];
    if (!fiber.ended && fiber.sleep != 0)
        push({now_, ++order_, &fiber, fiber.sleep, true, {}});
}

void Engine::join(FiberId id)
{
    auto& fiber = fibers_[id];
    if (fiber.ended)
        return;
    if (!running_)
        throw std::logic_error("a thread is waited for that cannot go on");
    fiber.joining.push_back(running_->id);
    while (!fiber.ended)
        sleep(std::nullopt);
}

void Engine::kill()
{
    for (auto& fiber : fibers_) {
        if (fiber.ended)
            continue;
        fiber.dying = true;
        resume(fiber);
        if (!fiber.ended)
            throw std::logic_error("a thread outlived its process");
    }
}

void Engine::preempt()
{
    if (!running_ || held_ > 0 || std::uncaught_exceptions() > 0)
        return;
    die();
    if (preemptions_ == 0 || !random_.chance(preemptions_))
        return;
    rest(random_.chance(100) ? random_.between(Time(0), std::chrono::seconds(2)) : Time(random_.below(500)));
}

void Turn::lock()
{
    auto& engine = *Engine::current();
    while (taken_) {
        if (!engine.inFiber())
            throw std::logic_error("a turn is waited for that cannot end");
        waiting_.push_back(engine.self());
        engine.sleep(std::nullopt);
    }
    taken_ = true;
}

void Turn::unlock()
{
    taken_ = false;
    if (waiting_.empty())
        return;
    Engine::current()->wake(waiting_.front());
    waiting_.pop_front();
}

} // namespace apbfarm::sim
