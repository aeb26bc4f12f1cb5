// SPDX-License-Identifier: MIT
#pragma once

#include "http/mailbox.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace apbfarm::http {

class Connection;
struct Viewer;

/// All viewers of one source on one event loop. They share one subscription and the block most of them are at.
class StreamGroup {
public:
    /// What comes at `position`.
    EventBlock at(std::uint64_t position);
    void forgetBlock() { recent_ = {}; }

private:
    friend class StreamHub;

    std::uint64_t id_ = 0;
    std::shared_ptr<EventSource> source_;
    std::shared_ptr<void> subscription_;
    std::size_t viewers_ = 0;
    std::vector<Connection*> parked_;
    EventBlock recent_;
    std::uint64_t recentPosition_ = 0;
};

/// The event streams of one loop; used by its thread alone.
class StreamHub {
public:
    explicit StreamHub(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

    /// Subscribes when it is the first viewer. What `subscribe` throws passes through.
    StreamGroup& join(std::shared_ptr<EventSource> source);
    /// The viewer must not be parked. The last one ends the subscription.
    void leave(StreamGroup& group);

    /// Has read all there is.
    void park(Connection& connection, Viewer& viewer);
    void unpark(Viewer& viewer);
    /// Takes out all who wait for something new in that group; empty when the group is gone.
    std::vector<Connection*> takeParked(std::uint64_t group);

private:
    std::shared_ptr<Mailbox> mailbox_;
    std::map<const EventSource*, std::unique_ptr<StreamGroup>> groups_;
    std::map<std::uint64_t, StreamGroup*> byId_;
    std::uint64_t lastId_ = 0;
};

} // namespace apbfarm::http
