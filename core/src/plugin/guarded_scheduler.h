// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_guard.h"

#include <apbfarm/scheduler.h>

#include <memory>
#include <string>

namespace apbfarm::plugin {

/// A scheduler whose answers can be relied on: a candidate or none, and a reason that may be shown to everyone.
///
/// When the plugin throws or names somebody else, the candidate with the most free slots is taken and the reason
/// says so (G3). The plugin sees only snapshots; whoever hands the build over checks slot and health again (G4).
class GuardedScheduler final : public Scheduler {
public:
    GuardedScheduler(std::unique_ptr<Scheduler> inner, std::string name, PluginGuard& guard);

    Placement pick(const Build& build, std::span<const ServerSnapshot> candidates) override;

private:
    Placement withoutPlugin(std::span<const ServerSnapshot> candidates) const;
    std::string presentable(std::string reason, std::span<const ServerSnapshot> candidates) const;

    std::unique_ptr<Scheduler> inner_;
    std::string name_;
    PluginGuard& guard_;
};

} // namespace apbfarm::plugin
