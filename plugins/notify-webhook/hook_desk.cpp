// SPDX-License-Identifier: MIT
#include "hook_desk.h"

#include "hook_client.h"

#include <apbfarm/errors.h>

#include <Poco/Logger.h>

#include <algorithm>

namespace webhook {

using namespace apbfarm;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr seconds kWholeMessage{28};   // a notifier has 30
constexpr seconds kShortestRest{1};
constexpr seconds kLongestRest{3600};
constexpr seconds kUsualRest{30};      // after 429 without a time

double nowInSeconds()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Attempt judge(const HookAnswer& answer)
{
    const auto status = answer.status;
    if (status / 100 == 2)
        return {Attempt::Outcome::Delivered, "", {}};
    const auto why = "it answered with status " + std::to_string(status);
    if (status / 100 == 3)
        return {Attempt::Outcome::Refused, why + ", and redirects are not followed", {}};
    const bool passes = status == 408 || status == 425 || status == 429;
    if (status / 100 == 4 && !passes)
        return {Attempt::Outcome::Refused, why, {}};
    const auto asked = answer.retryAfter.value_or(status == 429 ? kUsualRest : seconds(0));
    return {Attempt::Outcome::Later, why, asked > seconds(0) ? std::clamp(asked, kShortestRest, kLongestRest) : seconds(0)};
}

void add(std::string& list, const std::string& name, const std::string& why)
{
    list += (list.empty() ? "" : "; ") + name + ": " + why;
}

} // namespace

HookDesk::HookDesk(ExtensionContext& context)
    : options_(readHookOptions(context.config())), log_(context.storage()), logger_(context.logger()),
      book_(findTargetFile(context.config()), options_, logger_)
{
}

void HookDesk::deliver(const Notification& message)
{
    const auto deadline = steady_clock::now() + kWholeMessage;
    const auto targets = book_.current();
    const auto wanting = std::ranges::count_if(*targets, [&](const Target& target) { return target.wants(message); });
    const auto done = wanting > 0 ? log_.of(message.id) : std::map<std::string, std::string>();
    std::string refused, later;
    std::optional<seconds> notBefore;
    for (const auto& target : *targets) {
        if (!target.wants(message))
            continue;
        const auto known = done.find(target.name);
        const auto tried = known == done.end() ? attempt(target, message, deadline - steady_clock::now())
                                               : Attempt{Attempt::Outcome::Refused, known->second, {}};
        if (known == done.end())
            remember(target, message, tried, wanting > 1);
        if (tried.outcome == Attempt::Outcome::Later) {
            add(later, target.name, tried.why);
            notBefore = std::min(notBefore.value_or(tried.notBefore), tried.notBefore);
        } else if (!tried.why.empty()) {
            add(refused, target.name, tried.why);
        }
    }
    if (notBefore)
        throw Unavailable(later, "webhook_later", *notBefore);
    if (!refused.empty())
        throw InvalidInput(refused, "webhook_refused");
}

void HookDesk::remember(const Target& target, const Notification& message, const Attempt& tried, bool othersWantIt)
{
    if (tried.outcome == Attempt::Outcome::Refused)
        log_.refused(message, target.name, tried.why);
    else if (tried.outcome == Attempt::Outcome::Delivered && othersWantIt)
        log_.delivered(message, target.name);
}

Attempt HookDesk::attempt(const Target& target, const Notification& message, steady_clock::duration atMost)
{
    const auto rest = stateOf(target).restsUntil - steady_clock::now();
    if (rest > seconds(0))
        return {Attempt::Outcome::Later, "it asked for a pause or was too slow a moment ago",
                std::chrono::ceil<seconds>(rest)};
    if (atMost < seconds(1))
        return {Attempt::Outcome::Later, "there was no time left for it", {}};
    const auto tried = send(target, message, std::min<steady_clock::duration>(atMost, options_.timeout));
    note(target, tried);
    return tried;
}

Attempt HookDesk::send(const Target& target, const Notification& message, steady_clock::duration atMost)
{
    try {
        const auto request = compose(target, message, static_cast<std::int64_t>(nowInSeconds()));
        return judge(sendHook(target.url, request, options_, atMost));
    } catch (const HookError& error) {
        // One that hangs would hold up all that wait behind it.
        const auto rest = error.trouble() == HookTrouble::TooSlow ? 2 * options_.timeout : seconds(0);
        return {Attempt::Outcome::Later, error.what(), rest};
    }
}

void HookDesk::note(const Target& target, const Attempt& tried)
{
    const bool delivered = tried.outcome == Attempt::Outcome::Delivered;
    {
        std::lock_guard lock(mutex_);
        auto& state = states_[target.name];
        ++(delivered ? state.delivered : tried.outcome == Attempt::Outcome::Refused ? state.refused : state.failed);
        if (delivered) {
            state.lastDeliveredAt = nowInSeconds();
            state.failingSince.reset();
        } else {
            state.failingSince = state.failingSince.value_or(nowInSeconds());
            state.lastError = tried.why;
            state.restsUntil = steady_clock::now() + tried.notBefore;
        }
    }
    if (tried.outcome == Attempt::Outcome::Refused)
        logger_.warning("The webhook '%s' does not take a message: %s", target.name, tried.why);
}

TargetState HookDesk::stateOf(const Target& target) const
{
    std::lock_guard lock(mutex_);
    const auto found = states_.find(target.name);
    return found == states_.end() ? TargetState() : found->second;
}

} // namespace webhook
