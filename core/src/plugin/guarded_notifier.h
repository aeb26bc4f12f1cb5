// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_guard.h"

#include <apbfarm/notifier.h>

#include <memory>

namespace apbfarm::plugin {

/// A notifier that throws nothing but `InvalidInput` (never try again), `Unavailable` (not before its time) and
/// std::runtime_error (later), whatever the plugin throws. A plugin that cannot say whether it is enabled is not.
class GuardedNotifier final : public Notifier {
public:
    GuardedNotifier(std::unique_ptr<Notifier> inner, PluginGuard& guard);

    bool enabled() override;
    Audience audience() override { return audience_; }
    void deliver(const Notification& notification) override;

private:
    std::unique_ptr<Notifier> inner_;
    PluginGuard& guard_;
    Audience audience_;
};

} // namespace apbfarm::plugin
