// SPDX-License-Identifier: MIT
#pragma once

#include "plugin/plugin_guard.h"

#include <apbfarm/notifier.h>

#include <memory>

namespace apbfarm::plugin {

/// A notifier that throws nothing but `InvalidInput` (never try again) and std::runtime_error (later), whatever the
/// plugin throws. A plugin that cannot say whether it is enabled is not.
class GuardedNotifier final : public Notifier {
public:
    GuardedNotifier(std::unique_ptr<Notifier> inner, PluginGuard& guard);

    bool enabled() override;
    void deliver(const Notification& notification) override;

private:
    std::unique_ptr<Notifier> inner_;
    PluginGuard& guard_;
};

} // namespace apbfarm::plugin
