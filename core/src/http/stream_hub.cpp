// SPDX-License-Identifier: MIT
#include "http/stream_hub.h"

#include "http/connection.h"
#include "http/viewer.h"

namespace apbfarm::http {

// Many viewers reach the same place one after the other; the source is asked once.
EventBlock StreamGroup::at(std::uint64_t position)
{
    if (recent_.bytes && recentPosition_ == position)
        return recent_;
    auto block = source_->at(position);
    if (block.bytes) {
        recent_ = block;
        recentPosition_ = position;
    }
    return block;
}

StreamGroup& StreamHub::join(std::shared_ptr<EventSource> source)
{
    auto& slot = groups_[source.get()];
    if (!slot) {
        auto group = std::make_unique<StreamGroup>();
        group->id_ = ++lastId_;
        const auto* key = source.get();
        try {
            group->subscription_ = source->subscribe([mailbox = mailbox_, id = lastId_] { mailbox->wake(id); });
        } catch (...) {
            groups_.erase(key);
            throw;
        }
        group->source_ = std::move(source);
        byId_[lastId_] = group.get();
        slot = std::move(group);
    }
    ++slot->viewers_;
    return *slot;
}

void StreamHub::leave(StreamGroup& group)
{
    if (--group.viewers_ > 0)
        return;
    byId_.erase(group.id_);
    const auto slot = groups_.find(group.source_.get());
    const auto doomed = std::move(slot->second); // its subscription ends after the hub has forgotten it
    groups_.erase(slot);
}

void StreamHub::park(Connection& connection, Viewer& viewer)
{
    auto& parked = viewer.group->parked_;
    viewer.parkedAt = parked.size();
    parked.push_back(&connection);
}

void StreamHub::unpark(Viewer& viewer)
{
    if (viewer.parkedAt == Viewer::kNotParked)
        return;
    auto& parked = viewer.group->parked_;
    parked[viewer.parkedAt] = parked.back();
    parked[viewer.parkedAt]->viewer()->parkedAt = viewer.parkedAt;
    parked.pop_back();
    viewer.parkedAt = Viewer::kNotParked;
}

std::vector<Connection*> StreamHub::takeParked(std::uint64_t group)
{
    const auto found = byId_.find(group);
    if (found == byId_.end())
        return {};
    found->second->forgetBlock();
    auto parked = std::move(found->second->parked_);
    found->second->parked_.clear();
    for (auto* connection : parked)
        connection->viewer()->parkedAt = Viewer::kNotParked;
    return parked;
}

} // namespace apbfarm::http
