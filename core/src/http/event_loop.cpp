// SPDX-License-Identifier: MIT
#include "http/event_loop.h"

#include "http/http_date.h"
#include "util/worker.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <system_error>
#include <utility>

namespace apbfarm::http {

namespace {

constexpr int kEventsPerRound = 256;
constexpr std::size_t kTurnsPerRound = 256;
constexpr std::size_t kKeptExchanges = 64;
constexpr std::chrono::milliseconds kMemoryPause{10};

Millis steadyNow()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void addToPoller(int poller, int descriptor, void* tag)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = tag;
    if (::epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

} // namespace

EventLoop::EventLoop(ServerContext& server, std::vector<util::UniqueFd> listeners, std::string idPrefix)
    : server_(server), listeners_(std::move(listeners)), poller_(::epoll_create1(EPOLL_CLOEXEC)),
      mailbox_(std::make_shared<Mailbox>()), wheel_(steadyNow()), hub_(mailbox_), idPrefix_(std::move(idPrefix))
{
    if (!poller_)
        throw std::system_error(errno, std::generic_category(), "epoll_create1");
    for (auto& listener : listeners_)
        addToPoller(poller_.get(), listener.get(), &listener);
    addToPoller(poller_.get(), mailbox_->descriptor(), mailbox_.get());
    exchanges_.reserve(kKeptExchanges);
    updateTime();
}

EventLoop::~EventLoop()
{
    stop(std::chrono::steady_clock::time_point::min());
    join();
}

void EventLoop::start()
{
    thread_ = std::thread([this] { run(); });
}

void EventLoop::stop(std::chrono::steady_clock::time_point deadline)
{
    stopAt_ = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count();
    mailbox_->stop();
}

void EventLoop::join()
{
    if (thread_.joinable())
        thread_.join();
}

void EventLoop::run()
{
    util::nameThread("http-loop");
    while (!isDone()) {
        try {
            round();
        } catch (const std::exception&) {
            std::this_thread::sleep_for(kMemoryPause);   // what was to be done is still there
        }
    }
    closeAll();
    retired_.clear();
}

void EventLoop::round()
{
    std::array<epoll_event, kEventsPerRound> events;
    const auto count = ::epoll_wait(poller_.get(), events.data(), kEventsPerRound, waitTime());
    updateTime();
    for (int i = 0; i < count; ++i)
        handle(events[static_cast<std::size_t>(i)]);
    giveTurns();
    if (now_ >= wheel_.next())
        wheel_.expire(now_, [](Deadline& deadline) {
            auto& connection = static_cast<Connection&>(deadline);
            let(connection, [&] { connection.onDeadline(); });
        });
    if (acceptAgain_ != 0 && now_ >= acceptAgain_)
        resumeAccepting();
    std::erase_if(retired_, [](const auto& connection) { return !connection->hasTurn; });
}

void EventLoop::resumeAccepting()
{
    acceptAgain_ = 0;
    for (auto& listener : listeners_) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &listener;
        if (listener && ::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, listener.get(), &event) != 0 && errno != EEXIST)
            acceptAgain_ = now_ + kAcceptPause;
    }
}

void EventLoop::handle(const epoll_event& event)
{
    const auto isOf = [&](const util::UniqueFd& listener) { return event.data.ptr == &listener; };
    if (const auto listener = std::ranges::find_if(listeners_, isOf); listener != listeners_.end())
        accept(*listener);
    else if (event.data.ptr == mailbox_.get())
        readMail();
    else
        let(*static_cast<Connection*>(event.data.ptr),
            [&] { static_cast<Connection*>(event.data.ptr)->onEvents(event.events); });
}

void EventLoop::readMail()
{
    Mailbox::Letters letters;
    mailbox_->collect(letters);
    for (auto* connection : letters.answered)
        let(*connection, [&] { connection->onAnswered(); });
    if (letters.stop && !stopping_)
        beginStop();
    for (const auto group : letters.woken)
        for (auto* connection : hub_.takeParked(group))
            putOff(*connection);
    if (letters.room)
        giveRoom();
}

void EventLoop::giveRoom()
{
    const auto waiting = std::exchange(awaitingRoom_, {});
    for (auto* connection : waiting)
        let(*connection, [&] { connection->onRoom(); });
}

void EventLoop::giveTurns()
{
    const auto count = std::min(turns_.size(), kTurnsPerRound);
    std::vector<Connection*> now(turns_.begin(), turns_.begin() + static_cast<std::ptrdiff_t>(count));
    turns_.erase(turns_.begin(), turns_.begin() + static_cast<std::ptrdiff_t>(count));
    for (auto* connection : now) {
        connection->hasTurn = false;
        if (!connection->isClosed())
            let(*connection, [&] { connection->onTurn(); });
    }
}

void EventLoop::beginStop()
{
    stopping_ = true;
    for (auto& listener : listeners_)
        listener.reset();
    for (std::size_t i = connections_.size(); i-- > 0;)
        connections_[i]->onStop();
}

void EventLoop::closeAll()
{
    for (std::size_t i = connections_.size(); i-- > 0;)
        connections_[i]->giveUp();
}

bool EventLoop::isDone() const
{
    return stopping_ && (connections_.empty() || now_ >= stopAt_);
}

void EventLoop::updateTime()
{
    now_ = steadyNow();
    const auto second = std::time(nullptr);
    if (second == dateSecond_)
        return;
    dateSecond_ = second;
    date_ = httpDate(second);
}

int EventLoop::waitTime() const
{
    if (!turns_.empty())
        return 0;
    auto until = wheel_.next();
    if (acceptAgain_ != 0)
        until = std::min(until, acceptAgain_);
    if (stopping_)
        until = std::min(until, stopAt_.load());
    // The clock may have moved while the round ran; waking a little late is what the wheel does anyway.
    return until == INT64_MAX ? -1 : static_cast<int>(std::clamp<Millis>(until - now_, 0, 60000));
}

std::unique_ptr<Exchange> EventLoop::takeExchange()
{
    std::unique_ptr<Exchange> exchange;
    if (exchanges_.empty()) {
        exchange = std::make_unique<Exchange>(server_.defaults);
    } else {
        exchange = std::move(exchanges_.back());
        exchanges_.pop_back();
    }
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), ++lastId_, 16).ptr;
    exchange->request.id.assign(idPrefix_).append(digits.data(), end);
    if (server_.observe)
        exchange->started = std::chrono::steady_clock::now();
    return exchange;
}

void EventLoop::giveBack(std::unique_ptr<Exchange> exchange)
{
    exchange->clear();
    if (exchanges_.size() < kKeptExchanges)
        exchanges_.push_back(std::move(exchange));
}

void EventLoop::putOff(Connection& connection)
{
    if (connection.hasTurn)
        return;
    connection.hasTurn = true;
    turns_.push_back(&connection);
}

void EventLoop::retire(Connection& connection)
{
    auto& slot = connections_[connection.index];
    retired_.push_back(std::move(slot));
    if (connection.index + 1 != connections_.size()) {
        slot = std::move(connections_.back());
        slot->index = connection.index;
    }
    connections_.pop_back();
    counters_.connections = connections_.size();
}

} // namespace apbfarm::http
