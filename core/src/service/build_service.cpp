// SPDX-License-Identifier: MIT
#include "service/build_service.h"

#include "package/architectures.h"
#include "service/build_not_found.h"
#include "service/source_upload.h"
#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

constexpr std::chrono::seconds kShortestTimeout{300};    // documented range of build_timeout
constexpr std::chrono::seconds kLongestTimeout{14400};

bool contains(const std::vector<std::string>& list, const std::string& item)
{
    return std::ranges::find(list, item) != list.end();
}

void checkKey(const std::string& key)
{
    const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
    if (key.size() > 128 || !visible)
        throw InvalidInput("Idempotency-Key must be 1 to 128 visible ASCII characters", "invalid_idempotency_key");
}

/// Of everything that decides what is built.
std::string digestOf(const SubmitRequest& request, const std::string& source)
{
    return util::sha256Hex(source + "\n" + request.architectures + "\n" + request.timeout);
}

} // namespace

BuildService::BuildService(BuildLedger& ledger, BuildStore& store, BuildQueue& queue, fleet::Fleet& fleet,
                           files::PayloadSpool& spool, AuditStore& audit, const util::Clock& clock,
                           SubmitLimits limits, Repositories repositories, ArrivingUploads* arriving)
    : ledger_(ledger), store_(store), queue_(queue), fleet_(fleet), spool_(spool), audit_(audit, clock), clock_(clock),
      limits_(limits), repositories_(std::move(repositories)), arriving_(arriving)
{
}

NoValidArchitectures::NoValidArchitectures(const package::PackageInfo& info, std::vector<std::string> wanted)
    : InvalidInput("None of the requested architectures (" + util::join(wanted, ", ") + ") is in the PKGBUILD (" +
                       util::join(info.architectures, ", ") + ")",
                   "no_valid_architectures", {{"architectures", "none of them is in arch=()"}}),
      pkgname(info.pkgname), pkgbuild(info.architectures), requested(std::move(wanted))
{
}

package::PackageInfo BuildService::inspect(const SubmitRequest& request) const
{
    return checkUpload(request, limits_.copy().inlinePayload, spool_.temporaryDirectory()).info;
}

std::string BuildService::submit(const SubmitRequest& request, const Render& render)
{
    const auto timeout = customTimeout(request);
    checkKey(request.idempotencyKey);
    checkQuota(request.user);
    checkSpace();
    auto source = checkUpload(request, limits_.copy().inlinePayload, spool_.temporaryDirectory(), arriving_);

    const bool named = !request.idempotencyKey.empty();
    const auto turn = named ? repeats_.enter({request.user.id, request.idempotencyKey}) : RepeatGate::Turn();
    const auto digest = named ? digestOf(request, source.digest) : std::string();
    if (named)
        if (auto answer = earlierAnswer(request, digest))
            return *answer;

    const auto repositories = repositories_(source.info.extraRepositories, source.info.pkgname);
    auto planned = plan(request, source.info, timeout);
    for (auto& build : planned.builds)
        build.extraRepositories = repositories;
    planned.builds = buildsFor(planned, source, request.user);
    Submission submission;
    submission.builds = planned.builds;
    submission.payloadDigest = source.digest;
    if (source.descriptor >= 0)
        spool_.adopt(source.descriptor, source.digest);
    else
        submission.inlinePayload = std::move(source.bytes);
    auto answer = render(planned);
    if (named)
        submission.idempotency = IdempotencyRecord{request.user.id, request.idempotencyKey, digest, answer,
                                                   clock_.wall()};
    ledger_.admit(submission);
    return answer;
}

std::optional<std::chrono::seconds> BuildService::customTimeout(const SubmitRequest& request) const
{
    if (request.timeout.empty())
        return std::nullopt;
    if (request.user.role != Role::Admin)
        throw Forbidden("Only admin users can specify custom build timeouts");
    const auto seconds = util::parseUnsigned(request.timeout, 1'000'000'000);
    if (!seconds)
        throw InvalidInput("build_timeout must be a whole number of seconds", "invalid_build_timeout",
                           {{"build_timeout", "must be a whole number"}});
    const std::chrono::seconds timeout(*seconds);
    if (timeout < kShortestTimeout || timeout > kLongestTimeout)
        throw InvalidInput("Build timeout must be between 300 and 14400 seconds (5 minutes to 4 hours)",
                           "invalid_build_timeout", {{"build_timeout", "must be between 300 and 14400"}});
    return timeout;
}

void BuildService::checkQuota(const Principal& user)
{
    const auto limits = limits_.copy();
    if (queue_.size() >= limits.queue)
        throw Unavailable("The queue of the farm is full; try again later", "queue_full", std::chrono::seconds(60));
    // Counting costs a look-up, so only once the whole queue is long enough for one person to be over.
    if (queue_.size() >= limits.queuePerUser &&
        store_.count({.status = BuildStatus::Queued, .owner = user.id}) >= static_cast<std::int64_t>(limits.queuePerUser))
        throw TooMany("You have " + std::to_string(limits.queuePerUser) + " builds waiting; let some of them finish first",
                      std::chrono::seconds(60), "too_many_builds_waiting");
    if (limits.perMinute <= 0)
        return;
    const auto now = clock_.steady();
    const bool over = quotas_.with([&](auto& quotas) {
        auto& quota = quotas[user.id];
        if (now - quota.since >= std::chrono::minutes(1))
            quota = {now, 0};
        return ++quota.count > limits.perMinute;
    });
    if (over)
        throw TooMany("More than " + std::to_string(limits.perMinute) + " submissions in a minute",
                      std::chrono::seconds(60), "too_many_submissions");
}

/// The upload itself lies on the disk already, so what is free now is what would be left.
void BuildService::checkSpace() const
{
    if (spool_.freeBytes() < limits_.copy().storageReserve)
        throw StorageFull("The disk of the farm is nearly full; nothing new is accepted until there is room");
}

std::optional<std::string> BuildService::earlierAnswer(const SubmitRequest& request, const std::string& digest)
{
    const auto earlier = store_.findIdempotent(request.user.id, request.idempotencyKey);
    if (!earlier)
        return std::nullopt;
    if (earlier->bodyDigest != digest)
        throw Conflict("This Idempotency-Key was used for another submission", "idempotency_key_reused");
    return earlier->answer;
}

bool BuildService::isAvailable(const std::string& architecture) const
{
    return fleet_.isAvailable(architecture);
}

/// For arch=('any'): the real architecture that clients are told, among those with the most room.
std::string BuildService::leastLoadedArchitecture(const std::vector<std::string>& taken) const
{
    std::string best;
    double bestLoad = 0;
    for (const auto& server : fleet_.list()) {
        const auto& snapshot = server.snapshot;
        if (contains(taken, snapshot.architecture) || snapshot.architecture == "any" ||
            !isAvailable(snapshot.architecture))
            continue;
        const auto waiting = static_cast<double>(queue_.sizeOf(snapshot.architecture));
        const double load = (server.answering ? 0 : 1000) +
                            (snapshot.building + snapshot.queued + waiting) / std::max(1, snapshot.slots);
        if (best.empty() || load < bestLoad) {
            best = snapshot.architecture;
            bestLoad = load;
        }
    }
    return best;
}

Submitted BuildService::plan(const SubmitRequest& request, const package::PackageInfo& info,
                             std::optional<std::chrono::seconds> timeout)
{
    const auto requested = package::parseArchitectures(request.architectures);
    Submitted planned;
    planned.pkgbuildArchitectures = info.architectures;
    planned.warnings = info.warnings;
    planned.customTimeout = timeout;
    planned.submissionGroup = util::randomUuid();
    planned.targets = package::targetArchitectures(info, requested);
    if (planned.targets.empty())
        throw NoValidArchitectures(info, requested);

    std::vector<std::string> taken;
    const auto want = [&](const std::string& architecture, bool any) {
        Build build;
        build.architecture = architecture;
        build.anyArchitecture = any;
        taken.push_back(architecture);
        planned.builds.push_back(std::move(build));
    };
    for (const auto& target : planned.targets) {
        if (target == "any")
            continue;
        if (isAvailable(target) || limits_.copy().holdOfflineArchitectures)
            want(target, false);
        else
            planned.skipped.push_back(target);
    }
    // One build on the best server of any architecture; clients need a real and unique name for it.
    if (contains(planned.targets, "any")) {
        if (const auto best = leastLoadedArchitecture(taken); !best.empty())
            want(best, true);
        else if (planned.builds.empty())
            planned.skipped.push_back("any");
    }
    if (planned.builds.empty()) {
        const auto available = fleet_.availableArchitectures();
        NothingQueued refusal("No servers available for any of the target architectures. The package can be built for " +
                                  util::join(planned.targets, ", ") + "; servers are available for " +
                                  (available.empty() ? "none" : util::join(available, ", ")),
                              info.pkgname);
        refusal.targets = planned.targets;
        refusal.available = available;
        refusal.pkgbuild = info.architectures;
        throw refusal;
    }
    planned.queueSize = queue_.size() + planned.builds.size();
    return planned;
}

std::vector<Build> BuildService::buildsFor(const Submitted& planned, const CheckedSource& source, const Principal& user)
{
    auto builds = planned.builds;
    const auto now = clock_.wall();
    auto position = static_cast<std::int64_t>(queue_.size());
    for (auto& build : builds) {
        build.id = util::randomUuid();
        build.pkgname = source.info.pkgname;
        build.epoch = source.info.epoch;
        build.pkgver = source.info.pkgver;
        build.pkgrel = source.info.pkgrel;
        build.pkgnames = source.info.pkgnames;
        build.pkgbuildArchitectures = source.info.architectures;
        build.submissionGroup = planned.submissionGroup;
        build.owner = user.id;
        build.payload = source.digest;
        build.queuePosition = ++position;
        build.createdAt = now;
        if (planned.customTimeout)
            build.timeout = *planned.customTimeout;
    }
    return builds;
}

CancelOutcome BuildService::cancel(const BuildId& id, const Caller& caller)
{
    const auto& user = caller.who;
    // A lost race against the build's own steps is tried again; a few times is far more than there can be.
    for (int attempt = 0;; ++attempt) {
        const auto build = ledger_.find(id);
        if (!build)
            throw buildNotFound(id);
        if (user.role != Role::Admin && build->owner != user.id)
            throw Forbidden("Not authorized to cancel this build");
        if (build->state == BuildState::Cancelled || build->state == BuildState::Cancelling)
            return {true, false, "Build " + id + " is already cancelled"};
        if (isFinal(build->state))
            return {false, false, "Build already finished"};
        try {
            const auto after = ledger_.apply(id, life::CancelRequested{user.username});
            if (after && build->owner != user.id)
                audit_.record("build_cancelled", id, build->pkgname + (build->owner ? " of account " + std::to_string(*build->owner) : ""),
                              caller);
            if (after)
                return {true, build->state == BuildState::Queued,
                        build->state == BuildState::Queued ? "Build " + id + " removed from farm queue"
                                                           : "Build " + id + " cancelled successfully"};
        } catch (const Conflict&) {
            if (attempt >= 5)
                throw;
        }
    }
}

std::string BuildService::release(const BuildId& id, const Caller& caller)
{
    const auto build = ledger_.find(id);
    if (!build)
        throw buildNotFound(id);
    const auto after = build->uncertain ? ledger_.apply(id, life::Released{caller.who.username}) : std::nullopt;
    if (!after || (after->state != BuildState::Queued && after->state != BuildState::Cancelled))
        throw Conflict("Only a build can be released whose server did not say whether it took it", "build_not_uncertain");
    audit_.record("build_released", id, build->pkgname + " from " + build->server.value_or("no server"), caller);
    return "Build " + id + (after->state == BuildState::Queued ? " waits for a server again" : " is cancelled");
}

} // namespace apbfarm::service
