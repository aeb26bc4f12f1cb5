// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/temp_dir.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace apbfarm::proofs {

/// A process of its own that passes connections on, so that it can be stopped.
class Relay {
public:
    explicit Relay(std::uint16_t target);

    std::uint16_t port() const { return port_; }
    pid_t pid() const { return process_->pid(); }

private:
    test::TempDir folder_;
    std::unique_ptr<test::ChildProcess> process_;
    std::uint16_t port_ = 0;
};

/// Stops a process and lets it go on, again and again, at moments that follow from the seed.
class Stopper {
public:
    Stopper(pid_t process, std::uint64_t seed);
    /// It goes on.
    ~Stopper();

    std::uint64_t stops() const { return stops_; }

private:
    void work(std::uint64_t seed);

    pid_t process_;
    std::atomic<std::uint64_t> stops_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}
