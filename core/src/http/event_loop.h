// SPDX-License-Identifier: MIT
#pragma once

#include "http/connection.h"
#include "http/deadline_wheel.h"
#include "http/exchange.h"
#include "http/mailbox.h"
#include "http/server_context.h"
#include "http/stream_hub.h"
#include "util/unique_fd.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct epoll_event;

namespace apbfarm::http {

/// One thread that serves its own listening sockets and the connections it accepts.
class EventLoop {
public:
    EventLoop(ServerContext& server, std::vector<util::UniqueFd> listeners, std::string idPrefix);
    /// Only after the worker pool was joined.
    ~EventLoop();

    void start();
    /// Any thread. Ends the thread when all connections are done, or at that time.
    void stop(std::chrono::steady_clock::time_point deadline);
    void join();

    struct Counters {
        std::atomic<std::size_t> connections{0};
        std::atomic<std::uint64_t> requests{0}, refused{0};
    };
    const Counters& counters() const { return counters_; }

    // What its connections use, on its own thread.
    ServerContext& server() { return server_; }
    DeadlineWheel& wheel() { return wheel_; }
    StreamHub& hub() { return hub_; }
    Millis now() const { return now_; }
    std::string_view date() const { return date_; }
    bool isStopping() const { return stopping_; }
    /// Good until the connection returns.
    std::span<char> receiveBuffer() { return {received_.get(), kReceived}; }
    std::string& spareOutput() { return spareOutput_; }
    int poller() const { return poller_.get(); }
    std::unique_ptr<Exchange> takeExchange();
    void giveBack(std::unique_ptr<Exchange> exchange);
    /// Calls `onTurn` after the other connections had theirs.
    void putOff(Connection& connection);
    /// Calls `onRoom` after the next `Mailbox::roomMade`, unless the connection forgets about it.
    void awaitRoom(Connection& connection) { awaitingRoom_.push_back(&connection); }
    void forgetRoom(Connection& connection) { std::erase(awaitingRoom_, &connection); }
    /// To be called by a connection that has closed; it lives until the end of the round.
    void retire(Connection& connection);
    void countRequest() { bump(counters_.requests); }
    void countRefusal() { bump(counters_.refused); }
    /// The worker's way back; any thread.
    Mailbox& mailbox() { return *mailbox_; }
    const std::shared_ptr<Mailbox>& sharedMailbox() const { return mailbox_; }

private:
    static constexpr std::size_t kReceived = 1 << 20;

    void run();
    void round();
    /// Runs `turn` of that connection, which is given up when it throws.
    template <class Turn> static void let(Connection& connection, Turn turn)
    {
        try {
            turn();
        } catch (const std::exception&) {
            connection.giveUp();
        }
    }
    void handle(const epoll_event& event);
    void accept(const util::UniqueFd& listener);
    void admit(util::UniqueFd socket, std::string peer);
    void begin(Connection& connection, Quota::Verdict verdict);
    void readMail();
    void giveRoom();
    void giveTurns();
    void beginStop();
    void closeAll();
    void pauseAccepting();
    void resumeAccepting();
    void updateTime();
    int waitTime() const;
    bool isDone() const;
    template <class Number> static void bump(std::atomic<Number>& counter)
    {
        counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    ServerContext& server_;
    std::vector<util::UniqueFd> listeners_;   // their places mark their events
    util::UniqueFd poller_;
    std::shared_ptr<Mailbox> mailbox_;
    DeadlineWheel wheel_;
    StreamHub hub_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<std::unique_ptr<Connection>> retired_;
    std::vector<Connection*> turns_;
    std::vector<Connection*> awaitingRoom_;
    std::vector<std::unique_ptr<Exchange>> exchanges_;
    std::unique_ptr<char[]> received_{new char[kReceived]};
    std::string spareOutput_;
    std::string date_;
    std::string idPrefix_;
    std::uint64_t lastId_ = 0;
    std::time_t dateSecond_ = 0;
    Millis now_ = 0;
    static constexpr Millis kAcceptPause = 100;
    Millis acceptAgain_ = 0;          // not 0: out of descriptors, listening pauses
    bool stopping_ = false;
    std::atomic<Millis> stopAt_{INT64_MAX};
    Counters counters_;
    std::thread thread_;
};

} // namespace apbfarm::http
