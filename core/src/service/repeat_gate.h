// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace apbfarm::service {

/// Lets one request per idempotency key work at a time; a repeat waits until the first is over (L13).
///
/// Waiting holds a thread, so only a few may wait and not for ever. Thread-safe; must outlive its turns.
class RepeatGate {
public:
    using Key = std::pair<UserId, std::string>;

    explicit RepeatGate(std::size_t waiters = 8, std::chrono::milliseconds patience = std::chrono::seconds(20))
        : waiters_(waiters), patience_(patience)
    {
    }

    /// The key is somebody's for as long as this lives. Without a key it is nobody's.
    class Turn {
    public:
        Turn() = default;
        Turn(RepeatGate& gate, Key key) : gate_(&gate), key_(std::move(key)) {}
        ~Turn();
        Turn(Turn&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), key_(std::move(other.key_)) {}
        Turn& operator=(Turn&&) = delete;

    private:
        RepeatGate* gate_ = nullptr;
        Key key_;
    };

    /// Waits for whoever has the key. Throws `Conflict` ("request_in_progress") when that takes too long, or too many
    /// wait already.
    Turn enter(const Key& key);

private:
    void leave(const Key& key);

    const std::size_t waiters_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::condition_variable left_;
    std::set<Key> inside_;
    std::size_t waiting_ = 0;
};

} // namespace apbfarm::service
