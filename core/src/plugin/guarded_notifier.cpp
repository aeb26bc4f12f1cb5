// SPDX-License-Identifier: MIT
#include "plugin/guarded_notifier.h"

#include <optional>
#include <stdexcept>

namespace apbfarm::plugin {

namespace {

std::optional<std::chrono::seconds> retryAfterOf(const Error& error)
{
    if (const auto* away = dynamic_cast<const Unavailable*>(&error))
        return away->retryAfter();
    const auto* many = dynamic_cast<const TooMany*>(&error);
    return many ? std::optional(many->retryAfter()) : std::nullopt;
}

} // namespace

GuardedNotifier::GuardedNotifier(std::unique_ptr<Notifier> inner, PluginGuard& guard)
    : inner_(std::move(inner)), guard_(guard),
      audience_(guard_.call("audience", Audience::People, [&] { return inner_->audience(); }))
{
}

bool GuardedNotifier::enabled()
{
    return guard_.call("enabled", false, [&] { return inner_->enabled(); });
}

void GuardedNotifier::deliver(const Notification& notification)
{
    std::string failure;
    std::optional<std::chrono::seconds> notBefore;
    guard_.call<InvalidInput>("deliver", false, [&] {
        try {
            inner_->deliver(notification);
        } catch (const Error& error) {
            failure = describeCurrentException();
            notBefore = retryAfterOf(error);
            throw;
        } catch (...) {
            failure = describeCurrentException();
            throw;
        }
        return true;
    });
    if (notBefore)
        throw Unavailable(failure, "unavailable", *notBefore);
    if (!failure.empty())
        throw std::runtime_error(failure);
}

} // namespace apbfarm::plugin
