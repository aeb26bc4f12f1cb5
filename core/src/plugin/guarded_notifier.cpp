// SPDX-License-Identifier: MIT
#include "plugin/guarded_notifier.h"

#include <stdexcept>

namespace apbfarm::plugin {

GuardedNotifier::GuardedNotifier(std::unique_ptr<Notifier> inner, PluginGuard& guard)
    : inner_(std::move(inner)), guard_(guard)
{
}

bool GuardedNotifier::enabled()
{
    return guard_.call("enabled", false, [&] { return inner_->enabled(); });
}

void GuardedNotifier::deliver(const Notification& notification)
{
    std::string failure;
    guard_.call<InvalidInput>("deliver", false, [&] {
        try {
            inner_->deliver(notification);
        } catch (...) {
            failure = describeCurrentException();
            throw;
        }
        return true;
    });
    if (!failure.empty())
        throw std::runtime_error(failure);
}

} // namespace apbfarm::plugin
