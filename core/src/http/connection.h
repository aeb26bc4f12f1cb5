// SPDX-License-Identifier: MIT
#pragma once

#include "http/deadline_wheel.h"
#include "http/exchange.h"
#include "http/quota.h"
#include "http/viewer.h"
#include "util/unique_fd.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace apbfarm::http {

class EventLoop;

/// One client connection: requests in, answers out, one at a time and in order.
///
/// Used by its event loop's thread alone; while a worker runs the handler, only the exchange is the worker's.
/// Holds no buffers while idle.
class Connection final : public Deadline {
public:
    Connection(EventLoop& loop, util::UniqueFd socket, std::string peer, QuotaLease lease);

    /// Watches the socket; the first header has its time from now on.
    void start();
    /// Answers with the error at once and hangs up, without reading a request.
    void turnAway(const std::exception& error);

    void onEvents(std::uint32_t events);
    void onDeadline();
    /// The worker has returned from the handler.
    void onAnswered();
    /// The loop comes back to what was put off, or a stream has something new.
    void onTurn();
    /// There may be room again for what `awaitRoom` was called for.
    void onRoom();
    /// The server ends: idle ones close at once, others after their answer.
    void onStop();
    void close();
    /// Something threw while it had its turn, for want of memory: whatever the client waits for will not come.
    void giveUp() noexcept;

    bool isClosed() const { return phase_ == Phase::Closed; }
    int descriptor() const { return socket_.get(); }
    Viewer* viewer() { return viewer_.get(); }

    std::size_t index = 0;        ///< of the loop
    bool hasTurn = false;         ///< of the loop: waits for `onTurn`

private:
    enum class Phase : std::uint8_t {
        Idle,       ///< waits for the first byte of a request
        Head,       ///< has some of a head
        Body,
        Working,    ///< a worker has the exchange
        Writing,    ///< the answer did not fit into the socket, or is a file
        Streaming,
        Draining,   ///< the last answer is out; waits for the client to hang up (H12)
        Closed
    };

    // connection_input.cpp: bytes to requests
    void onReadable();
    void waitForBodyRoom();
    void drain(std::size_t bytes);
    void takeInput(std::string_view bytes);
    void continueInput();
    std::size_t takeHead(std::string_view bytes);
    void startRequest(std::string_view head, bool moreFollows);
    std::size_t takeBody(std::string_view bytes);
    void runHandler(std::string_view head);
    void refuse(const std::exception& error);
    void checkBodyRate();
    bool canTakeRequest() const { return phase_ == Phase::Idle || phase_ == Phase::Head || phase_ == Phase::Body; }

    // connection_output.cpp: answers to bytes
    void answer();
    void observe() const;
    void flush();
    bool flushText();
    bool flushFile();
    void cork(bool on);
    void waitForRoom();
    void answerIsOut();
    void beginDraining();

    // connection_stream.cpp: event streams
    bool openStream();
    void startStream();
    void pumpStream();
    bool nextBlock();
    bool sendBlock();
    void streamTick();
    bool isStillWelcome();
    void endStream();
    void leaveStream();

    /// Where that is not possible, the connection has a turn and closes.
    void watch(std::uint32_t events);
    void unwatch();
    void dueIn(std::chrono::milliseconds time);
    Exchange& exchange();
    void releaseExchange();

    EventLoop& loop_;
    util::UniqueFd socket_;
    std::string peer_;
    QuotaLease lease_;
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Viewer> viewer_;
    std::string in_;                  // bytes that could not be used yet
    std::string out_;                 // bytes that are on their way
    std::size_t outSent_ = 0;
    FileAnswer file_;                 // what follows `out_`
    std::size_t scanned_ = 0;         // of `in_`, for the end of a head
    std::uint64_t bodyMark_ = 0;      // received at the last look at the rate
    Millis bodyStarted_ = 0;
    std::uint32_t drained_ = 0;
    std::uint32_t served_ = 0;
    std::uint32_t events_ = 0;        // what epoll watches
    Phase phase_ = Phase::Idle;
    bool registered_ = false;
    bool closing_ = false;            // after the answer at hand
    bool unread_ = false;             // the client may still be sending
    bool closeAfterWork_ = false;
    bool unwatchable_ = false;
    bool corked_ = false;
};

} // namespace apbfarm::http
