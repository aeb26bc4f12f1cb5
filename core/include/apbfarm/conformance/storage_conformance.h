// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/conformance/suite.h>
#include <apbfarm/storage.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <latch>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

/// What every `Storage` must do, whatever it stores in: one function for each promise of <apbfarm/storage.h>.
///
/// Each gets a storage that nothing else uses, holding no builds, accounts or tokens; `storageCases` lists them all.
namespace apbfarm::conformance {

/// Opens the storage; called again after the one before was destroyed, it opens the same data.
using Open = std::function<std::unique_ptr<Storage>()>;

inline Timestamp at(double seconds)
{
    return fromEpoch(1'800'000'000 + seconds);
}

inline BuildId buildId(int number)
{
    auto digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

inline Build sampleBuild(int number)
{
    Build build;
    build.id = buildId(number);
    build.pkgname = "zlib";
    build.epoch = "1";
    build.pkgver = "1.3.1";
    build.pkgrel = "2";
    build.architecture = "x86_64";
    build.pkgnames = {"zlib", "zlib-doc"};
    build.pkgbuildArchitectures = {"x86_64", "aarch64"};
    build.submissionGroup = "group-" + std::to_string(number);
    build.payload = std::string(64, 'a');
    build.queuePosition = 3;
    build.timeout = std::chrono::seconds(3600);
    build.createdAt = at(number);
    return build;
}

inline Submission submissionOf(std::vector<Build> builds)
{
    Submission submission;
    submission.payloadDigest = builds.empty() ? std::string() : builds.front().payload;
    submission.builds = std::move(builds);
    return submission;
}

inline Build submitOne(Storage& storage, const Build& build)
{
    return storage.builds().submit(submissionOf({build})).at(0);
}

/// The step from what is stored to `to`.
inline BuildChange step(const Build& stored, BuildState to)
{
    BuildChange change{.from = stored.state, .fromRevision = stored.revision, .after = stored};
    change.after.state = to;
    return change;
}

/// Takes the step, which must succeed, and gives the stored build.
inline Build taken(Storage& storage, const BuildChange& change)
{
    if (!storage.builds().change(change))
        throw Violation("an expected step was refused");
    return storage.builds().find(change.after.id).value();
}

inline bool sameSettledParts(const Build& a, const Build& b)
{
    return a.id == b.id && a.pkgname == b.pkgname && a.epoch == b.epoch && a.pkgver == b.pkgver &&
           a.pkgrel == b.pkgrel && a.architecture == b.architecture && a.anyArchitecture == b.anyArchitecture &&
           a.pkgnames == b.pkgnames && a.pkgbuildArchitectures == b.pkgbuildArchitectures &&
           a.submissionGroup == b.submissionGroup && a.owner == b.owner && a.payload == b.payload &&
           a.queuePosition == b.queuePosition && a.timeout == b.timeout && a.createdAt == b.createdAt &&
           a.extraRepositories == b.extraRepositories;
}

inline bool sameMovingParts(const Build& a, const Build& b)
{
    return a.state == b.state && a.startedAt == b.startedAt && a.endedAt == b.endedAt && a.attempt == b.attempt &&
           a.uncertain == b.uncertain && a.ending == b.ending && a.server == b.server && a.refusedBy == b.refusedBy &&
           a.reason == b.reason && a.serverRecord == b.serverRecord && a.lastStatusUpdate == b.lastStatusUpdate &&
           a.serverAvailable == b.serverAvailable && a.artifactsGivenUp == b.artifactsGivenUp;
}

inline bool sameBuild(const Build& a, const Build& b)
{
    return sameSettledParts(a, b) && sameMovingParts(a, b);
}

inline User sampleUser(const std::string& name)
{
    User user;
    user.username = name;
    user.email = name + "@example.org";
    user.createdAt = at(0);
    return user;
}

inline Notification sampleNotification(const std::string& id)
{
    Notification notification;
    notification.id = id;
    notification.kind = NotificationKind::BuildFinished;
    notification.recipientName = "alice";
    notification.recipientEmail = "alice@example.org";
    notification.subject = "zlib: completed \xE2\x9C\x93";
    notification.text = "It is done.\nReally.";
    notification.facts = {{"build_id", buildId(1)}, {"quote", "\"\\\n"}};
    notification.createdAt = at(0);
    return notification;
}

inline std::vector<BuildId> idsOf(const std::vector<Build>& builds)
{
    std::vector<BuildId> ids;
    for (const Build& build : builds)
        ids.push_back(build.id);
    return ids;
}

} // namespace apbfarm::conformance

#include <apbfarm/conformance/storage_accounts.h>
#include <apbfarm/conformance/storage_artifacts.h>
#include <apbfarm/conformance/storage_builds.h>
#include <apbfarm/conformance/storage_misc.h>

namespace apbfarm::conformance {

/// `fresh` is called once for each case and gives the way to open a new, empty storage.
inline std::vector<Case> storageCases(const std::function<Open()>& fresh)
{
    using Check = void (*)(const Open&);
    const std::vector<std::pair<const char*, Check>> checks{
        {"aSubmittedBuildIsFoundAsItWas", aSubmittedBuildIsFoundAsItWas},
        {"talliesAddUpToTheBuildsOfTheirTime", talliesAddUpToTheBuildsOfTheirTime},
        {"everyFieldOfAStepIsStored", everyFieldOfAStepIsStored},
        {"aSubmissionIsStoredWhollyOrNotAtAll", aSubmissionIsStoredWhollyOrNotAtAll},
        {"sequencesGrowInOrderOfAcceptance", sequencesGrowInOrderOfAcceptance},
        {"aStepFromAnUnexpectedStateDoesNotHappen", aStepFromAnUnexpectedStateDoesNotHappen},
        {"aStepThatDidNotHappenLeavesNothing", aStepThatDidNotHappenLeavesNothing},
        {"aFinalStateNeverChanges", aFinalStateNeverChanges},
        {"whatComesWithAStepIsStoredWithIt", whatComesWithAStepIsStoredWithIt},
        {"listsAreNewestFirstAndFiltered", listsAreNewestFirstAndFiltered},
        {"liveBuildsAreAllThatAreNotFinalBySequence", liveBuildsAreAllThatAreNotFinalBySequence},
        {"payloadsStayWhileALiveBuildNeedsThem", payloadsStayWhileALiveBuildNeedsThem},
        {"anIdempotencyKeyIsTakenOnce", anIdempotencyKeyIsTakenOnce},
        {"anIdempotencyKeyIsForgottenAfterADay", anIdempotencyKeyIsForgottenAfterADay},
        {"manyThreadsLoseNothing", manyThreadsLoseNothing},
        {"filesOfAnotherFarmAreAdoptedOnce", filesOfAnotherFarmAreAdoptedOnce},
        {"anAccountIsFoundAsItWas", anAccountIsFoundAsItWas},
        {"namesAreUniqueWithoutRegardToCase", namesAreUniqueWithoutRegardToCase},
        {"aDeletedNameCanBeUsedAgain", aDeletedNameCanBeUsedAgain},
        {"accountsAreListedByTimeOfCreation", accountsAreListedByTimeOfCreation},
        {"accountsChange", accountsChange},
        {"tokensLiveUntilTheyExpireOrAreRevoked", tokensLiveUntilTheyExpireOrAreRevoked},
        {"keptFilesAreCountedOnceForEachContent", keptFilesAreCountedOnceForEachContent},
        {"theOldestFilesComeFirstAndGo", theOldestFilesComeFirstAndGo},
        {"filesOfALiveBuildAreNeverRemoved", filesOfALiveBuildAreNeverRemoved},
        {"repositoriesAreKeptUnderUniqueNames", repositoriesAreKeptUnderUniqueNames},
        {"theNewestBuildOfEachArchitectureIsFound", theNewestBuildOfEachArchitectureIsFound},
        {"settingsAreKept", settingsAreKept},
        {"theOutboxKeepsMessagesUntilTheyAreDelivered", theOutboxKeepsMessagesUntilTheyAreDelivered},
        {"everyKindOfMessageComesBackAsItself", everyKindOfMessageComesBackAsItself},
        {"theAuditTrailIsNewestFirst", theAuditTrailIsNewestFirst},
        {"theAuditTrailIsFiltered", theAuditTrailIsFiltered},
        {"modulesMigrateTheirOwnTables", modulesMigrateTheirOwnTables},
        {"modulesReadAndWriteTheirRows", modulesReadAndWriteTheirRows},
        {"modulesCannotEndTheTransactionTheyShare", modulesCannotEndTheTransactionTheyShare},
        {"everythingSurvivesARestart", everythingSurvivesARestart},
    };
    std::vector<Case> cases;
    for (const auto& [name, check] : checks)
        cases.push_back({name, [fresh, check = check] { check(fresh()); }});
    return cases;
}

} // namespace apbfarm::conformance
