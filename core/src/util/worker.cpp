// SPDX-License-Identifier: MIT
#include "util/worker.h"

#include <pthread.h>

#include <exception>

namespace apbfarm::util {

namespace {

void report(const Worker::OnError& onError, const char* what) noexcept
{
    try {
        onError(what);
    } catch (...) {
        // There is no memory to say so; the step comes again.
    }
}

} // namespace

void nameThread(const std::string& name)
{
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

Worker::Worker(std::string name, Step step, OnError onError)
    : name_(std::move(name)), step_(std::move(step)), onError_(std::move(onError)), thread_([this] { run(); })
{
}

Worker::~Worker()
{
    stop();
}

void Worker::wake()
{
    {
        std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

void Worker::stop()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void Worker::run()
{
    nameThread(name_);
    std::optional<std::chrono::milliseconds> pause;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            const auto due = [this] { return woken_ || stopping_; };
            if (pause)
                changed_.wait_for(lock, *pause, due);
            else
                changed_.wait(lock, due);
            if (stopping_)
                return;
            woken_ = false;
        }
        try {
            pause = step_();
        } catch (const std::exception& error) {
            report(onError_, error.what());
            pause = std::chrono::seconds(1);
        } catch (...) {
            report(onError_, "unknown exception");
            pause = std::chrono::seconds(1);
        }
    }
}

} // namespace apbfarm::util
