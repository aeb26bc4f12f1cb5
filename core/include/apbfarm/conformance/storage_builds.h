// SPDX-License-Identifier: MIT
#pragma once

/// Part of storage_conformance.h: builds, attempts, artifacts, payloads, idempotency.
namespace apbfarm::conformance {

inline void aSubmittedBuildIsFoundAsItWas(const Open& open)
{
    const auto storage = open();
    const auto owner = storage->users().create(sampleUser("alice"), "hash");
    Build build = sampleBuild(1);
    build.owner = owner.id;
    build.anyArchitecture = true;
    build.createdAt = Timestamp(std::chrono::microseconds(1'800'000'000'123'457));
    build.pkgname = "strange \"name\\ \xC3\xA4";
    build.pkgnames = {"a\"b", "c\\d", "\xC3\xA4,[]"};
    build.reason = "waiting";
    build.extraRepositories = R"([{"name":"r","url":"http://r.example","gpg_key_id":"ABCD1234"}])";
    const auto stored = submitOne(*storage, build);
    APB_FARM_CONFORM(stored.sequence > 0);
    APB_FARM_CONFORM(sameBuild(stored, build));
    const auto found = storage->builds().find(build.id);
    APB_FARM_CONFORM(found && sameBuild(*found, build));
    APB_FARM_CONFORM(found->sequence == stored.sequence && found->revision == stored.revision);
    APB_FARM_CONFORM(!storage->builds().find(buildId(2)));
}

/// A storage that cannot count answers nothing.
inline void talliesAddUpToTheBuildsOfTheirTime(const Open& open)
{
    const auto storage = open();
    constexpr double day = 86400, noon = 43200;
    auto early = sampleBuild(1), late = sampleBuild(2), before = sampleBuild(3);
    before.createdAt = fromEpoch(9 * day);
    early.createdAt = fromEpoch(10 * day + noon);
    late.createdAt = fromEpoch(11 * day);
    for (const auto& build : {before, early, late})
        submitOne(*storage, build);
    BuildChange change = step(*storage->builds().find(early.id), BuildState::Completed);
    change.after.server = "http://one.example.org";
    change.after.startedAt = fromEpoch(10 * day + noon + 30);
    change.after.endedAt = fromEpoch(10 * day + noon + 90.5);
    APB_FARM_CONFORM(storage->builds().change(change));
    const auto tallies = storage->builds().tally(fromEpoch(10 * day));
    if (tallies.empty())
        return;
    APB_FARM_CONFORM(tallies.size() == 2);
    const auto& done = tallies[0].day == 10 ? tallies[0] : tallies[1];
    APB_FARM_CONFORM(done.day == 10 && done.builds == 1 && done.status == BuildStatus::Completed);
    APB_FARM_CONFORM(done.server == "http://one.example.org" && done.architecture == "x86_64");
    APB_FARM_CONFORM(done.started == 1 && done.ended == 1);
    APB_FARM_CONFORM(done.waited > 29.9 && done.waited < 30.1 && done.built > 60.4 && done.built < 60.6);
}

inline void everyFieldOfAStepIsStored(const Open& open)
{
    const auto storage = open();
    BuildChange change = step(submitOne(*storage, sampleBuild(1)), BuildState::LostContact);
    change.after.startedAt = at(10.25);
    change.after.endedAt = at(20.5);
    change.after.attempt = 2;
    change.after.uncertain = true;
    change.after.ending = BuildStatus::Completed;
    change.after.server = "http://one.example.org:8000";
    change.after.refusedBy = {"http://two.example.org", "http://three.example.org"};
    change.after.reason = "The server does not answer.";
    change.after.serverRecord = R"({"status":"building"})";
    change.after.lastStatusUpdate = at(15);
    change.after.serverAvailable = false;
    change.after.artifactsGivenUp = true;
    change.after.pkgver = "2.0";
    change.after.architecture = "aarch64";
    const auto stored = taken(*storage, change);
    APB_FARM_CONFORM(sameBuild(stored, change.after));
    APB_FARM_CONFORM(stored.revision == change.fromRevision + 1);
    BuildChange back = step(stored, BuildState::Queued);
    back.after.server = std::nullopt;
    back.after.ending = std::nullopt;
    back.after.startedAt = std::nullopt;
    back.after.refusedBy = {};
    back.after.reason = "";
    APB_FARM_CONFORM(sameBuild(taken(*storage, back), back.after));
}

/// D2
inline void aSubmissionIsStoredWhollyOrNotAtAll(const Open& open)
{
    const auto storage = open();
    submitOne(*storage, sampleBuild(3));
    auto submission = submissionOf({sampleBuild(1), sampleBuild(2), sampleBuild(3)});
    submission.inlinePayload = "bytes";
    submission.idempotency = IdempotencyRecord{1, "key", "digest", "{}", at(0)};
    APB_FARM_CONFORM(throws<Error>([&] { storage->builds().submit(submission); }));
    APB_FARM_CONFORM(!storage->builds().find(buildId(1)) && !storage->builds().find(buildId(2)));
    APB_FARM_CONFORM(!storage->builds().inlinePayload(submission.payloadDigest));
    APB_FARM_CONFORM(storage->builds().count({}) == 1);
    submission.builds.pop_back();
    APB_FARM_CONFORM(storage->builds().submit(submission).size() == 2);   // the key was not used up
}

inline void sequencesGrowInOrderOfAcceptance(const Open& open)
{
    std::int64_t last = 0;
    {
        const auto storage = open();
        for (const Build& build :
             storage->builds().submit(submissionOf({sampleBuild(9), sampleBuild(5), sampleBuild(7)}))) {
            APB_FARM_CONFORM(build.sequence > last);
            last = build.sequence;
        }
    }
    const auto storage = open();
    APB_FARM_CONFORM(submitOne(*storage, sampleBuild(1)).sequence > last);
}

/// S4, D5
inline void aStepFromAnUnexpectedStateDoesNotHappen(const Open& open)
{
    const auto storage = open();
    const auto queued = submitOne(*storage, sampleBuild(1));
    const auto building = taken(*storage, step(queued, BuildState::Building));
    APB_FARM_CONFORM(!storage->builds().change(step(queued, BuildState::Cancelled)));
    BuildChange wrongRevision = step(building, BuildState::Completed);
    wrongRevision.fromRevision = queued.revision;
    APB_FARM_CONFORM(!storage->builds().change(wrongRevision));
    BuildChange wrongState = step(building, BuildState::Completed);
    wrongState.from = BuildState::Assigning;
    APB_FARM_CONFORM(!storage->builds().change(wrongState));
    Build unknown = building;
    unknown.id = buildId(99);
    APB_FARM_CONFORM(!storage->builds().change(step(unknown, BuildState::Completed)));
    const auto found = storage->builds().find(queued.id);
    APB_FARM_CONFORM(found->state == BuildState::Building && found->revision == building.revision);
}

/// A lost race leaves no attempt, file or message behind either.
inline void aStepThatDidNotHappenLeavesNothing(const Open& open)
{
    const auto storage = open();
    const auto queued = submitOne(*storage, sampleBuild(1));
    taken(*storage, step(queued, BuildState::Assigning));
    BuildChange late = step(queued, BuildState::Failed);
    late.attempt = Attempt{queued.id, 1, "http://one.example.org", at(1), std::nullopt, ""};
    late.artifacts = {Artifact{queued.id, "a.pkg.tar.zst", 1, std::string(64, 'b'), "application/zstd", at(1)}};
    late.notifications = {sampleNotification("n1")};
    APB_FARM_CONFORM(!storage->builds().change(late));
    APB_FARM_CONFORM(storage->builds().attempts(queued.id).empty());
    APB_FARM_CONFORM(storage->builds().artifacts(queued.id).empty());
    APB_FARM_CONFORM(storage->outbox().due(at(100), 10).empty());
}

/// D5
inline void aFinalStateNeverChanges(const Open& open)
{
    const auto storage = open();
    int number = 0;
    for (const auto end : {BuildState::Completed, BuildState::Failed, BuildState::Cancelled}) {
        const auto ended = taken(*storage, step(submitOne(*storage, sampleBuild(++number)), end));
        for (const auto next :
             {BuildState::Queued, BuildState::Assigning, BuildState::Building, BuildState::LostContact,
              BuildState::Cancelling, BuildState::Completed, BuildState::Failed, BuildState::Cancelled})
            APB_FARM_CONFORM(next == end || !storage->builds().change(step(ended, next)));
        APB_FARM_CONFORM(storage->builds().find(ended.id)->state == end);
    }
}

inline void whatComesWithAStepIsStoredWithIt(const Open& open)
{
    const auto storage = open();
    BuildChange first = step(submitOne(*storage, sampleBuild(1)), BuildState::Assigning);
    first.attempt = Attempt{buildId(1), 1, "http://one.example.org", at(1), std::nullopt, ""};
    BuildChange second = step(taken(*storage, first), BuildState::Completed);
    second.attempt = Attempt{buildId(1), 1, "http://one.example.org", at(1), at(5), "completed"};
    second.artifacts = {
        Artifact{buildId(1), "b.log", 7, std::string(64, 'b'), "text/plain", at(4)},
        Artifact{buildId(1), "a.pkg.tar.zst", 5'000'000'000, std::string(64, 'a'), "application/zstd", at(3)}};
    second.notifications = {sampleNotification("n1"), sampleNotification("n2")};
    const auto ended = taken(*storage, second);
    const auto attempts = storage->builds().attempts(buildId(1));
    APB_FARM_CONFORM(attempts.size() == 1 && attempts[0].number == 1 && attempts[0].endedAt == at(5));
    APB_FARM_CONFORM(attempts[0].outcome == "completed" && attempts[0].server == "http://one.example.org");
    APB_FARM_CONFORM(attempts[0].startedAt == at(1) && attempts[0].build == buildId(1));
    APB_FARM_CONFORM(storage->builds().artifacts(buildId(1)).size() == 2);
    const auto artifact = storage->builds().findArtifact(buildId(1), "a.pkg.tar.zst");
    APB_FARM_CONFORM(artifact && artifact->size == 5'000'000'000 && artifact->sha256 == std::string(64, 'a'));
    APB_FARM_CONFORM(artifact->contentType == "application/zstd" && artifact->storedAt == at(3));
    APB_FARM_CONFORM(!storage->builds().findArtifact(buildId(1), "c"));
    APB_FARM_CONFORM(!storage->builds().findArtifact(buildId(2), "a.pkg.tar.zst"));
    APB_FARM_CONFORM(storage->outbox().due(at(100), 10).size() == 2);
    BuildChange again = step(ended, BuildState::Completed);
    again.artifacts = {Artifact{buildId(1), "b.log", 8, std::string(64, 'c'), "text/plain", at(6)}};
    taken(*storage, again);
    APB_FARM_CONFORM(storage->builds().artifacts(buildId(1)).size() == 2);
    APB_FARM_CONFORM(storage->builds().findArtifact(buildId(1), "b.log")->size == 8);
}

inline void listsAreNewestFirstAndFiltered(const Open& open)
{
    const auto storage = open();
    const auto alice = storage->users().create(sampleUser("alice"), "hash");
    for (int i = 1; i <= 6; ++i) {
        Build build = sampleBuild(i);
        build.createdAt = at(i / 2);   // pairs accepted at the same moment
        build.pkgname = i % 2 ? "odd" : "even";
        build.architecture = i <= 2 ? "aarch64" : "x86_64";
        if (i == 4)
            build.owner = alice.id;
        const auto stored = submitOne(*storage, build);
        if (i == 5)
            taken(*storage, step(stored, BuildState::Assigning));
        if (i == 6)
            taken(*storage, step(stored, BuildState::Completed));
    }
    auto& builds = storage->builds();
    using Ids = std::vector<BuildId>;
    APB_FARM_CONFORM(idsOf(builds.list({})) ==
                     Ids({buildId(6), buildId(5), buildId(4), buildId(3), buildId(2), buildId(1)}));
    APB_FARM_CONFORM(idsOf(builds.list({.limit = 2, .offset = 1})) == Ids({buildId(5), buildId(4)}));
    APB_FARM_CONFORM(builds.list({.limit = 0}).empty() && builds.list({.offset = 6}).empty());
    APB_FARM_CONFORM(idsOf(builds.list({.pkgname = "odd"})) == Ids({buildId(5), buildId(3), buildId(1)}));
    APB_FARM_CONFORM(idsOf(builds.list({.owner = alice.id})) == Ids({buildId(4)}));
    APB_FARM_CONFORM(idsOf(builds.list({.architecture = "aarch64"})) == Ids({buildId(2), buildId(1)}));
    APB_FARM_CONFORM(idsOf(builds.list({.submissionGroup = "group-3"})) == Ids({buildId(3)}));
    APB_FARM_CONFORM(idsOf(builds.list({.status = BuildStatus::Completed})) == Ids({buildId(6)}));
    APB_FARM_CONFORM(builds.count({.status = BuildStatus::Queued}) == 5);   // assigning is shown as queued
    APB_FARM_CONFORM(builds.count({.status = BuildStatus::Queued, .pkgname = "odd", .limit = 1}) == 3);
    APB_FARM_CONFORM(builds.count({}) == 6 && builds.count({.owner = alice.id + 1}) == 0);
}

inline void liveBuildsAreAllThatAreNotFinalBySequence(const Open& open)
{
    const auto storage = open();
    std::vector<BuildId> live;
    int number = 20;
    for (const auto state :
         {BuildState::Queued, BuildState::Completed, BuildState::Assigning, BuildState::Failed, BuildState::Building,
          BuildState::Cancelled, BuildState::LostContact, BuildState::Cancelling}) {
        const auto stored = submitOne(*storage, sampleBuild(--number));
        if (state != BuildState::Queued)
            taken(*storage, step(stored, state));
        if (!isFinal(state))
            live.push_back(stored.id);
    }
    APB_FARM_CONFORM(idsOf(storage->builds().listLive()) == live);
}

inline void payloadsStayWhileALiveBuildNeedsThem(const Open& open)
{
    const auto storage = open();
    auto& builds = storage->builds();
    const std::string bytes("a\0b\xFF", 4);
    auto submission = submissionOf({sampleBuild(1)});
    submission.inlinePayload = bytes;
    const auto build = builds.submit(submission).at(0);
    const auto digest = submission.payloadDigest, other = std::string(64, 'e');
    const auto later = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) +
                       std::chrono::hours(24 * 36'500);
    APB_FARM_CONFORM(builds.inlinePayload(digest) == bytes);
    APB_FARM_CONFORM(!builds.inlinePayload(other));
    APB_FARM_CONFORM(builds.payloadsInUse({other, digest}) == std::vector<std::string>{digest});
    submission.builds = {sampleBuild(2)};
    const auto second = builds.submit(submission).at(0);   // the same bytes once more
    builds.removeUnusedPayloads(later);
    taken(*storage, step(build, BuildState::Completed));
    builds.removeUnusedPayloads(later);
    APB_FARM_CONFORM(builds.inlinePayload(digest) == bytes);
    taken(*storage, step(second, BuildState::Cancelled));
    APB_FARM_CONFORM(builds.payloadsInUse({other, digest}).empty());
    builds.removeUnusedPayloads(at(-1'000'000'000));
    APB_FARM_CONFORM(builds.inlinePayload(digest) == bytes);   // not old enough
    builds.removeUnusedPayloads(later);
    APB_FARM_CONFORM(!builds.inlinePayload(digest));
}

/// L13
inline void anIdempotencyKeyIsTakenOnce(const Open& open)
{
    const auto storage = open();
    auto& builds = storage->builds();
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    auto submission = submissionOf({sampleBuild(1)});
    submission.idempotency = IdempotencyRecord{7, "key", "digest", R"({"build_id":"1"})", now};
    builds.submit(submission);
    const auto record = builds.findIdempotent(7, "key");
    APB_FARM_CONFORM(record && record->user == 7 && record->key == "key" && record->bodyDigest == "digest");
    APB_FARM_CONFORM(record->answer == R"({"build_id":"1"})");
    APB_FARM_CONFORM(!builds.findIdempotent(8, "key") && !builds.findIdempotent(7, "other"));
    submission.builds = {sampleBuild(2)};
    APB_FARM_CONFORM(throws<Conflict>([&] { builds.submit(submission); }));
    APB_FARM_CONFORM(!builds.find(buildId(2)));
    submission.idempotency->user = 8;
    APB_FARM_CONFORM(builds.submit(submission).size() == 1);
}

inline void anIdempotencyKeyIsForgottenAfterADay(const Open& open)
{
    const auto storage = open();
    auto& builds = storage->builds();
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    auto submission = submissionOf({sampleBuild(1)});
    submission.idempotency = IdempotencyRecord{7, "key", "old", "{}", now - std::chrono::hours(25)};
    builds.submit(submission);
    APB_FARM_CONFORM(!builds.findIdempotent(7, "key"));
    submission.builds = {sampleBuild(2)};
    submission.idempotency = IdempotencyRecord{7, "key", "new", "{}", now};
    APB_FARM_CONFORM(builds.submit(submission).size() == 1);
    APB_FARM_CONFORM(builds.findIdempotent(7, "key")->bodyDigest == "new");
}

/// S3: sixteen threads at once; each acknowledged submission is there, each race has one winner.
inline void manyThreadsLoseNothing(const Open& open)
{
    constexpr int kThreads = 16, kEach = 25;
    {
        const auto storage = open();
        const auto contested = submitOne(*storage, sampleBuild(100'000));
        std::atomic<int> winners{0}, conflicts{0}, broken{0};
        std::latch start(kThreads);
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t)
            threads.emplace_back([&, t] {
                start.arrive_and_wait();
                for (int i = 0; i < kEach; ++i) {
                    auto submission = submissionOf({sampleBuild(1 + t * kEach + i)});
                    submission.idempotency =
                        IdempotencyRecord{1, "key-" + std::to_string(t * kEach + i), "d", "{}", at(0)};
                    storage->builds().submit(submission);
                    broken += !storage->builds().find(submission.builds[0].id);
                    submission.builds = {sampleBuild(200'000 + t * kEach + i)};
                    conflicts += throws<Conflict>([&] { storage->builds().submit(submission); });
                }
                winners += storage->builds().change(step(contested, BuildState::Assigning));
            });
        threads.clear();
        APB_FARM_CONFORM(winners == 1 && conflicts == kThreads * kEach && broken == 0);
    }
    const auto storage = open();
    const auto live = storage->builds().listLive();
    std::set<std::int64_t> sequences;
    for (const Build& build : live)
        sequences.insert(build.sequence);
    APB_FARM_CONFORM(live.size() == kThreads * kEach + 1 && sequences.size() == live.size());
}

/// D3
inline void filesOfAnotherFarmAreAdoptedOnce(const Open& open)
{
    const Artifact first{buildId(1), "a.pkg.tar.zst", 7, std::string(64, 'a'), "application/zstd", at(5)};
    {
        const auto storage = open();
        const auto build = submitOne(*storage, sampleBuild(1));
        APB_FARM_CONFORM(storage->foreignFiles().list().empty());
        const ForeignFile file{build.id, first.filename, "/cache/a.pkg.tar.zst", 7, at(5)};
        storage->foreignFiles().adopt(file, first);
        auto other = first;
        other.sha256 = std::string(64, 'b');
        storage->foreignFiles().adopt(file, other);
        APB_FARM_CONFORM(storage->foreignFiles().list().empty());   // it has not ended
        taken(*storage, step(build, BuildState::Failed));
    }
    const auto storage = open();
    APB_FARM_CONFORM(storage->builds().findArtifact(buildId(1), first.filename)->sha256 == first.sha256);
    const auto listed = storage->foreignFiles().list();
    APB_FARM_CONFORM(listed.size() == 1 && listed[0].adopted && listed[0].build == buildId(1));
    APB_FARM_CONFORM(listed[0].filename == first.filename && listed[0].path == "/cache/a.pkg.tar.zst");
    APB_FARM_CONFORM(listed[0].size == 7 && listed[0].cachedAt == at(5));
}

} // namespace apbfarm::conformance
