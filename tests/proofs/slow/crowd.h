// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <netinet/in.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace apbfarm::proofs {

/// How the members of a crowd behave. All of them do the same.
struct Manner {
    std::string first;                     ///< sent as soon as they are connected
    std::string drip;                      ///< then this, again and again, `piece` bytes each `pace`
    std::size_t piece = 1;
    std::chrono::milliseconds pace{0};     ///< 0: nothing more is sent
    bool reads = true;                     ///< else what is answered stays where it is
    bool comesBack = true;                 ///< when the connection ends
    std::string source;                    ///< address to come from; empty: many of 127.0.0.0/8
    /// What a member has read; may be empty. From the crowd's thread.
    std::function<void(std::size_t member, std::string_view bytes)> read = {};
};

/// Very many clients in one thread. They come as soon as they are made and leave with the destructor.
class Crowd {
public:
    Crowd(std::size_t size, const sockaddr_in& farm, Manner manner);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    /// Of the moment: connected, and everything that is to be sent at once is sent.
    std::size_t held() const { return held_; }
    std::uint64_t connections() const { return connections_; }
    /// Connections that the other side has ended.
    std::uint64_t ended() const { return ended_; }
    std::uint64_t refused() const { return refused_; }

private:
    using Instant = std::chrono::steady_clock::time_point;

    struct Member {
        util::UniqueFd socket;
        std::size_t sent = 0;              ///< of `first`
        std::size_t dripped = 0;
        Instant due{};                     ///< of the next byte, or of the next try
        bool settled = false;
    };

    void run();
    void tick(Instant now);
    void connect(std::size_t index, Instant now);
    void onEvents(std::size_t index, std::uint32_t events, Instant now);
    void sendFirst(Member& member, std::size_t index);
    void leave(Member& member, Instant now);
    void watch(const Member& member, std::size_t index, int operation, std::uint32_t events);

    const sockaddr_in farm_;
    const Manner manner_;
    util::UniqueFd poller_;
    std::vector<Member> members_;
    std::atomic<std::size_t> held_{0};
    std::atomic<std::uint64_t> connections_{0}, ended_{0}, refused_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}
