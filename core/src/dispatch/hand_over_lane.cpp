// SPDX-License-Identifier: MIT
#include "dispatch/hand_over_lane.h"

#include "fleet/address_veil.h"

namespace apbfarm::dispatch {

HandOverLane::HandOverLane(const LaneContext& context, service::Payloads& payloads)
    : context_(context), payloads_(payloads), client_(context.server, context.client),
      worker_("hand-over",
              context.tasks.watched("hand-over", "Sends builds to their servers", [this] { return step(); }), context.report)
{
}

void HandOverLane::send(const BuildId& build)
{
    waiting_.with([&](auto& queue) { queue.push_back(build); });
    worker_.wake();
}

void HandOverLane::stop()
{
    client_.abort();
    worker_.stop();
}

std::optional<std::chrono::milliseconds> HandOverLane::step()
{
    for (;;) {
        deliver();
        const auto next = waiting_.with([](const auto& queue) {
            return queue.empty() ? std::nullopt : std::optional(queue.front());
        });
        if (!next)
            return std::nullopt;
        const auto build = context_.ledger.findLive(*next);
        // Before anything is sent: whatever is thrown from here on, its outcome is asked for and not forgotten (L2).
        if (build)
            outcome_.emplace(build->id, life::HandOverUnclear{"The farm lost track of it while it was handed over"});
        waiting_.with([](auto& queue) { queue.pop_front(); });
        if (build)
            outcome_->second = handOver(*build);
    }
}

life::Event HandOverLane::handOver(const Build& build)
{
    std::optional<fleet::Payload> payload;
    try {
        payload.emplace(payloads_.open(build.payload));
    } catch (const NotFound& missing) {
        return life::HandOverRejected{missing.what()};
    } catch (const std::exception& error) {
        context_.fleet.pause(context_.server, backOffAfter(++failures_, context_.pace()));
        return life::HandOverNotTaken{error.what()};
    }
    return send(build, *payload);
}

life::Event HandOverLane::send(const Build& build, fleet::Payload& payload)
{
    const fleet::HandOver handOver{build.id, build.timeout, build.extraRepositories};
    if (takesFilesOnly_)
        try {
            return eventOf(build, sendAsFiles(handOver, payload));
        } catch (const service::NotFlat&) {
            takesFilesOnly_ = false;   // it is asked again: by now it may take tarballs
        }
    try {
        const auto result = client_.submit(handOver, payload);
        takesFilesOnly_ = result.verdict == fleet::Verdict::NeedsFiles;
        return eventOf(build, takesFilesOnly_ ? sendAsFiles(handOver, payload) : result);
    } catch (const service::NotFlat& error) {
        return notForThisServer(build, error.what());
    }
}

fleet::HandOverResult HandOverLane::sendAsFiles(const fleet::HandOver& handOver, const fleet::Payload& payload)
{
    const auto files = payloads_.asFiles(handOver, payload);
    auto result = client_.submitFiles(files.form);
    takesFilesOnly_ = result.verdict != fleet::Verdict::NotTaken && result.verdict != fleet::Verdict::Unclear;
    return result;
}

life::Event HandOverLane::notForThisServer(const Build& build, const std::string& why) const
{
    auto refusedBy = build.refusedBy;
    refusedBy.push_back(context_.server);
    const auto& lane = build.anyArchitecture ? "any" : build.architecture;
    return life::HandOverTooLarge{context_.fleet.allIn(lane, refusedBy), why};
}

life::Event HandOverLane::eventOf(const Build& build, const fleet::HandOverResult& result)
{
    const auto& server = context_.server;
    if (result.verdict == fleet::Verdict::Accepted)
        failures_ = 0;
    switch (result.verdict) {
    case fleet::Verdict::Accepted: return life::HandOverAccepted{};
    case fleet::Verdict::Rejected:
        return life::HandOverRejected{"The build server rejected it: " + fleet::withoutAddresses(result.text, server)};
    case fleet::Verdict::NeedsFiles:
        return notForThisServer(build, "The build server takes neither tarballs nor single files");
    case fleet::Verdict::TooLarge:
        return notForThisServer(build, "The source tarball is larger than the build servers accept");
    case fleet::Verdict::Forbidden:
        context_.fleet.refuse(server, "refuses this farm: " + result.text);
        return life::HandOverNotTaken{result.text};
    case fleet::Verdict::NotTaken: {
        const auto wait = backOffAfter(++failures_, context_.pace());
        context_.fleet.pause(server, result.retryAfter ? std::max<std::chrono::milliseconds>(*result.retryAfter, wait)
                                                       : wait);
        return life::HandOverNotTaken{result.text};
    }
    case fleet::Verdict::Unclear: break;
    }
    context_.fleet.pause(server, backOffAfter(++failures_, context_.pace()));
    return life::HandOverUnclear{result.text};
}

void HandOverLane::deliver()
{
    if (!outcome_)
        return;
    context_.ledger.applyFrom(context_.server, outcome_->first, outcome_->second);
    outcome_.reset();
    context_.wakeDispatcher();
}

} // namespace apbfarm::dispatch
