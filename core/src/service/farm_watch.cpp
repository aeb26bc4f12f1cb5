// SPDX-License-Identifier: MIT
#include "service/farm_watch.h"

namespace apbfarm::service {

namespace {

std::string megabytes(std::uint64_t bytes)
{
    return std::to_string(bytes >> 20) + " MiB";
}

} // namespace

void FarmWatch::look()
{
    for (const auto& server : fleet_.list())
        lookAt(server);
    lookAtDisk();
    alerts_.tell();
}

/// Degraded and not yet known are no news: the one is used all the same, the other will soon be something else.
void FarmWatch::lookAt(const fleet::ServerView& server)
{
    const auto& id = server.snapshot.id;
    const auto name = "APB Farm: build server " + id;
    const auto why = "What it said, or what went wrong: " + (server.reason.empty() ? "nothing" : server.reason);
    switch (server.snapshot.health) {
    case ServerHealth::Healthy:
        return alerts_.set("server " + id, {"", name + " is back", "It answers again and gets builds."});
    case ServerHealth::Unavailable:
        return alerts_.set("server " + id, {"unavailable", name + " is unavailable",
                                            "It has not answered " + std::to_string(server.failures) +
                                                " times in a row and gets no builds. Builds that it has fail when it "
                                                "stays away.\n" + why});
    case ServerHealth::Misconfigured:
        return alerts_.set("server " + id, {"misconfigured", name + " is misconfigured",
                                            "It answers, but gets no builds until this is put right.\n" + why});
    default: return;
    }
}

void FarmWatch::lookAtDisk()
{
    const auto free = spool_.freeBytes();
    // Two marks, so that a disk at the edge is not told of again and again.
    diskIsLow_ = free < reserve_ * (diskIsLow_ ? 3 : 2);
    alerts_.set("disk", diskIsLow_ ? AdminAlerts::State{"low", "APB Farm: the disk is nearly full",
                                                        megabytes(free) + " are left. Below " + megabytes(reserve_) +
                                                            " nothing new is accepted."}
                                   : AdminAlerts::State{"", "APB Farm: the disk has room again",
                                                        megabytes(free) + " are free."});
}

} // namespace apbfarm::service
