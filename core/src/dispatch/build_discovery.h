// SPDX-License-Identifier: MIT
#pragma once

#include "dispatch/lane.h"

namespace apbfarm::dispatch {

/// Finds the builds that somebody submitted to a server directly, and takes them into the farm (L11).
///
/// They have no owner, are followed like others while they run, and are never sent anywhere: the farm has no source of
/// them. Used by the thread that follows the server, with its connection.
class BuildDiscovery {
public:
    explicit BuildDiscovery(const LaneContext& context)
        : context_(context), task_(context.tasks.task("discovery", "Finds builds submitted to build servers directly"))
    {
    }

    /// One look. Returns when the next one is due: soon, when there was more than one look takes in.
    std::chrono::milliseconds look(fleet::ServerClient& client);
    /// Nothing is to be found out about that build.
    bool isKnown(const BuildId& build) const { return context_.ledger.find(build).has_value(); }

private:
    std::chrono::milliseconds takeInUnknown(fleet::ServerClient& client);
    bool takeIn(const fleet::ListedBuild& listed, const fleet::RemoteBuild& remote);
    Build buildFrom(const fleet::ListedBuild& listed, const fleet::RemoteBuild& remote, BuildStatus status) const;

    const LaneContext& context_;
    util::Task& task_;
    int all_ = 0;                    ///< taken in since the start
};

} // namespace apbfarm::dispatch
