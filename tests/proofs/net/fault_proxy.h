// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <random>
#include <string>
#include <string_view>
#include <thread>

namespace apbfarm::proofs {

/// What a network, or whoever is in it, does to connections.
enum class NetFault {
    None,
    Refuse,            ///< for a while: connections are refused, those that are there are reset
    Blackhole,         ///< for a while: everything is taken and nothing is delivered, also afterwards
    ResetBeforeBody,   ///< reset once the head of a request is through
    ResetAfterBody,    ///< reset once the whole request is through
    ReplyLost,         ///< the request arrives, its answer does not
    HalfOpen,          ///< goes silent in the middle of anything
    Slow,              ///< bytes trickle, both ways
    Flap,              ///< reset after some milliseconds
    Asymmetric,        ///< for a while only one direction works; the other one is late
    WrongAnswer,       ///< somebody else answers, whether the request got through or not
    CutAnswer          ///< the answer ends in the middle
};

/// A relay on loopback that does one kind of harm, decided by its seed. One thread; all functions may be called by any.
class FaultProxy {
public:
    FaultProxy(NetFault fault, std::uint64_t seed, std::uint16_t target);
    ~FaultProxy();

    std::uint16_t port() const { return port_; }
    /// From now on everything gets through; connections that were harmed are reset.
    void heal() { healing_ = true; }
    std::uint64_t connections() const { return connections_; }
    std::uint64_t faults() const { return faults_; }

private:
    using Instant = std::chrono::steady_clock::time_point;

    struct Link {
        util::UniqueFd client, server;
        std::string up, down;            ///< on their way to the server, to the client
        std::string head;                ///< of the request that is arriving
        std::uint64_t bodyLeft = 0;
        std::uint64_t life = UINT64_MAX; ///< bytes until it goes silent
        std::uint64_t answerLeft = UINT64_MAX;
        std::size_t rate = SIZE_MAX;     ///< bytes per round and direction
        Instant end = Instant::max();    ///< reset then
        bool struck = false;             ///< the request at hand is harmed
        bool silent = false;             ///< nothing is delivered any more
        bool mute = false;               ///< answers are not delivered
        bool unsent = false;             ///< the request is not delivered
        bool clientEnded = false, serverEnded = false;
        bool resetWhenSent = false, closeWhenSent = false;
        bool gone = false;
    };

    void run();
    void open();
    void turn(Instant now);
    void enter(bool bad);
    void round();
    void accept();
    void begin(Link& link);
    void serve(Link& link, short client, short server);
    void takeRequest(Link& link, std::string_view bytes);
    void onHead(Link& link);
    void onWhole(Link& link);
    void takeAnswer(Link& link, std::string_view bytes);
    bool spend(Link& link, std::size_t bytes);
    void deliver(Link& link);
    void settle(Link& link);
    void reset(Link& link);
    void restore();
    int random(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
    bool oneIn(int count) { return random(1, count) == 1; }
    bool holdsUp() const { return bad_ && fault_ == NetFault::Asymmetric && upward_; }
    bool holdsDown() const { return bad_ && fault_ == NetFault::Asymmetric && !upward_; }

    NetFault fault_;
    std::mt19937_64 random_;
    std::uint16_t target_;
    std::uint16_t port_ = 0;
    util::UniqueFd listener_;
    std::list<Link> links_;
    bool bad_ = false, upward_ = false;   ///< of the window of time
    Instant turn_{};
    std::atomic<bool> healing_{false}, stopping_{false};
    std::atomic<std::uint64_t> connections_{0}, faults_{0};
    std::thread thread_;
};

}
