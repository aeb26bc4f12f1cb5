// SPDX-License-Identifier: MIT
#include "service/outbox_delivery.h"

#include "util/text.h"

#include <algorithm>
#include <sstream>

namespace apbfarm::service {

namespace {

constexpr int kBatch = 20;
constexpr std::chrono::milliseconds kLongestRetry = std::chrono::hours(6);
constexpr std::chrono::hours kGiveUpAfter{24};   // threat-model M1

Audience audienceOf(const Notification& message)
{
    return message.recipientEmail.empty() ? Audience::Channel : Audience::People;
}

std::string keyOf(const Notification& message)
{
    return "outbox." + message.id;
}

} // namespace

OutboxDelivery::OutboxDelivery(OutboxStore& outbox, SettingStore& settings, std::vector<NamedNotifier> notifiers,
                               const util::Clock& clock, std::chrono::milliseconds firstRetry,
                               std::function<void(const std::string&)> gaveUp)
    : outbox_(outbox), settings_(settings), notifiers_(std::move(notifiers)), clock_(clock), firstRetry_(firstRetry),
      gaveUp_(std::move(gaveUp))
{
}

int OutboxDelivery::deliverDue()
{
    // Without anybody to bring them to, messages keep their place and their count of attempts.
    if (std::ranges::none_of(notifiers_, [](const NamedNotifier& one) { return one.notifier->enabled(); }))
        return 0;
    const auto due = outbox_.due(clock_.wall(), kBatch);
    for (const auto& message : due)
        deliver(message);
    return static_cast<int>(due.size());
}

void OutboxDelivery::deliver(const Notification& message)
{
    auto done = doneWith(message);
    const auto before = done.size();
    auto later = tryAll(message, done);
    if (!later && done.empty())
        later = Later{"No notifier for such messages is enabled", {}};
    const bool givesUp = later && clock_.wall() - message.createdAt >= kGiveUpAfter;
    if (later && !givesUp) {
        if (done.size() > before)
            remember(message, done);
        outbox_.retryAt(message.id, clock_.wall() + delayAfter(message.attempts, later->notBefore), message.attempts + 1,
                        util::oneLine(later->error));
        return;
    }
    settle(message, done, later);
}

std::chrono::milliseconds OutboxDelivery::delayAfter(int attempts, std::chrono::seconds notBefore) const
{
    return std::min(kLongestRetry, std::max<std::chrono::milliseconds>(notBefore, firstRetry_ * (1 << std::min(attempts, 12))));
}

std::optional<OutboxDelivery::Later> OutboxDelivery::tryAll(const Notification& message, Done& done)
{
    std::optional<Later> later;
    for (const auto& [name, notifier] : notifiers_) {
        if (done.contains(name) || notifier->audience() != audienceOf(message) || !notifier->enabled())
            continue;
        std::string refused;
        const auto failure = tryOne(*notifier, message, refused);
        if (!failure)
            done[name] = refused;
        else if (!later || failure->notBefore < later->notBefore)
            later = failure;
    }
    return later;
}

std::optional<OutboxDelivery::Later> OutboxDelivery::tryOne(Notifier& notifier, const Notification& message,
                                                            std::string& refused)
{
    try {
        notifier.deliver(message);
        return std::nullopt;
    } catch (const InvalidInput& error) {
        refused = util::oneLine(error.what());
        if (refused.empty())
            refused = "refused without a reason";
        return std::nullopt;
    } catch (const Unavailable& error) {
        return Later{error.what(), error.retryAfter()};
    } catch (const std::exception& error) {
        return Later{error.what(), {}};
    }
}

void OutboxDelivery::settle(const Notification& message, const Done& done, const std::optional<Later>& later)
{
    std::vector<std::string> failures;
    for (const auto& [name, refused] : done)
        if (!refused.empty())
            failures.push_back(refused);
    if (later)
        failures.push_back(util::oneLine(later->error));
    if (failures.empty()) {
        outbox_.delivered(message.id);
    } else {
        const auto why = util::join(failures, "; ");
        outbox_.giveUp(message.id, why);
        if (gaveUp_)
            gaveUp_("The message '" + util::oneLine(message.subject, 200) + "' was put aside: " + why);
    }
    if (message.attempts > 0)
        settings_.remove(keyOf(message));
}

OutboxDelivery::Done OutboxDelivery::doneWith(const Notification& message)
{
    Done done;
    if (message.attempts == 0)
        return done;
    std::istringstream lines(settings_.get(keyOf(message)).value_or(""));
    for (std::string line; std::getline(lines, line);)
        if (const auto end = line.find('='); end != std::string::npos)
            done[line.substr(0, end)] = line.substr(end + 1);
    return done;
}

void OutboxDelivery::remember(const Notification& message, const Done& done)
{
    std::string lines;
    for (const auto& [name, refused] : done)
        lines += name + "=" + refused + "\n";
    settings_.set(keyOf(message), lines);
}

} // namespace apbfarm::service
