// SPDX-License-Identifier: MIT
#include "proofs/sim/world/disk.h"

#include "storage/sqlite_storage.h"

#include <apbfarm/errors.h>

#include <algorithm>
#include <array>

namespace apbfarm::sim {

namespace {

using enum BuildState;

constexpr auto kLongestCommit = std::chrono::milliseconds(20);
/// What a process has sent to its database may arrive there this long after it is gone.
constexpr auto kLatest = std::chrono::seconds(3);

/// D5, section 5: which state may follow which.
bool mayFollow(BuildState from, BuildState to)
{
    switch (from) {
    case Queued: return to == Assigning || to == Cancelled || to == Failed;
    case Assigning: return to == Assigning || to == Building || to == Queued || to == Failed || to == Cancelling;
    case Building: return to != Queued && to != Assigning;
    case LostContact: return to == Building || to == LostContact || to == Cancelling || isFinal(to);
    case Cancelling: return to == Cancelling || to == Cancelled;
    default: return false;
    }
}

std::size_t indexOf(BuildState state)
{
    return static_cast<std::size_t>(state);
}

} // namespace

Disk::Disk(World& world) : world_(world)
{
    world_.rowOf = [this](const BuildId& id) -> std::optional<Build> {
        const auto found = rows_.find(id);
        return found == rows_.end() ? std::nullopt : std::optional(found->second.build);
    };
}

Disk::~Disk() = default;

void Disk::open()
{
    writable_ = true;
    if (!world_.which.sqlite)
        return;
    storage::SqliteOptions options;
    options.file = world_.which.folder / "farm.db";
    options.readers = 1;
    real_ = storage::openSqlite(options);
    compare();
}

void Disk::close()
{
    real_.reset();
}

Disk::Fate Disk::drawFate()
{
    if (world_.mayFail(world_.weather.crash)) {
        constexpr std::array kFates{Fate::DiesBefore, Fate::DiesAfter, Fate::Late};
        return kFates[world_.random.below(kFates.size())];
    }
    if (world_.mayFail(world_.weather.disk)) {
        constexpr std::array kFates{Fate::Full, Fate::Full, Fate::FailsAfter, Fate::FailsBefore};
        return kFates[world_.random.below(kFates.size())];
    }
    return Fate::Good;
}

void Disk::waitForCommit()
{
    if (world_.engine.inFiber())
        world_.engine.rest(world_.random.chance(20) ? world_.random.between(Time(0), std::chrono::seconds(1))
                                                   : world_.random.between(Time(50), kLongestCommit));
}

void Disk::commit(const std::function<void()>& write, bool mayBeLate)
{
    waitForCommit();
    if (!writable_)
        throw Unavailable("the storage has failed", "storage_failed");
    const auto fate = drawFate();
    if (fate == Fate::Good || fate == Fate::DiesAfter || fate == Fate::FailsAfter)
        write();
    if (fate == Fate::Late && mayBeLate)
        world_.engine.at(world_.engine.now() + world_.random.between(Time(0), kLatest), write);
    switch (fate) {
    case Fate::Good: return;
    case Fate::Full: world_.trace("        disk full"); throw StorageFull("the disk is full");
    case Fate::FailsAfter:
    case Fate::FailsBefore:
        writable_ = false;
        world_.trace("        disk broken");
        throw Unavailable("the storage has failed", "storage_failed");
    default: world_.crash();
    }
}

std::vector<Build> Disk::submit(const Submission& submission)
{
    std::vector<Build> stored;
    commit([&] { insert(submission, stored); }, false);
    return stored;
}

void Disk::insert(const Submission& submission, std::vector<Build>& stored)
{
    // As the key of the real table does.
    if (!real_ && std::ranges::any_of(submission.builds, [this](const Build& build) { return rows_.contains(build.id); }))
        throw Conflict("a build of that id is there", "taken");
    stored = real_ ? real_->builds().submit(submission) : submission.builds;
    for (auto& build : stored) {
        build.sequence = real_ ? build.sequence : ++sequence_;
        rows_[build.id] = {build, {}, {}, isFinal(build.state)};
        live_ += isFinal(build.state) ? 0 : 1;
        ++world_.coverage.builds;
        world_.trace("        stored ", build.id, " ", toText(build.state));
    }
}

bool Disk::change(const BuildChange& change)
{
    bool happened = false;
    auto* const there = &happened;
    const auto copy = std::make_shared<BuildChange>(change);
    commit([this, copy, there, crashes = world_.coverage.crashes] {
        // A late one finds nobody who waits for it.
        const bool late = crashes != world_.coverage.crashes || world_.dies;
        const bool done = put(*copy, late);
        if (!late)
            *there = done;
    }, true);
    return happened;
}

bool Disk::put(const BuildChange& change, bool late)
{
    if (world_.which.sqlite && !real_)
        return false;   // too late: the file is closed
    auto& row = rows_[change.after.id];
    const bool named = row.build.state == change.from && row.build.revision == change.fromRevision;
    if (real_) {
        const bool happened = real_->builds().change(change);
        world_.expect(happened == named, "S4: a step from " + std::string(toText(change.from)) + " of build " + change.after.id +
                                             (happened ? " was written over " : " was not written over ") +
                                             std::string(toText(row.build.state)));
    }
    if (!named) {
        world_.trace("        lost step of ", change.after.id, " from ", toText(change.from), ", it is ", toText(row.build.state));
        return false;
    }
    row.unseen = late;
    check(row, change);
    live_ -= isFinal(change.after.state) ? 1 : 0;
    row.build = change.after;
    row.build.revision = change.fromRevision + 1;
    if (change.attempt)
        row.attempts.push_back(*change.attempt);
    row.artifacts.insert(row.artifacts.end(), change.artifacts.begin(), change.artifacts.end());
    world_.known(change.after.id).messages += static_cast<int>(change.notifications.size());
    world_.trace("        stored ", change.after.id, " ", toText(change.from), " -> ", toText(change.after.state));
    return true;
}

void Disk::check(const Row& row, const BuildChange& change)
{
    const auto& id = change.after.id;
    const auto from = row.build.state, to = change.after.state;
    ++world_.coverage.steps[indexOf(from)][indexOf(to)];
    world_.expect(mayFollow(from, to), "D5: build " + id + " went from " + std::string(toText(from)) + " to " + std::string(toText(to)));
    if (from == Queued && to == Assigning)
        world_.mayBeGiven(change.after.server.value_or(""), id);
    if (from == Queued && to == Assigning && change.after.server && !row.unseen) {
        std::size_t there = 1;   // of those that the farm has sent
        for (const auto& [other, stored] : rows_)
            there += other != id && !isFinal(stored.build.state) && stored.build.server == change.after.server &&
                     !world_.known(other).foreign && !stored.unseen;
        world_.expect(there <= static_cast<std::size_t>(world_.server(*change.after.server).slots),
                      "L4: " + *change.after.server + " was given more builds than it has slots");
    }
    if (isFinal(to))
        checkEnd(change);
}

void Disk::checkEnd(const BuildChange& change)
{
    const auto& build = change.after;
    const auto& known = world_.known(build.id);
    world_.expect(!known.cancelled || build.state == Cancelled, "L7: build " + build.id + " was cancelled and ended " + std::string(toText(build.state)));
    world_.expect(change.notifications.size() == 1 && known.messages == 0, "D6: the end of build " + build.id + " is not told once");
    for (const auto& artifact : change.artifacts)
        world_.expect(files.contains(artifact.sha256), "D7: a file of build " + build.id + " is listed and not there");
    if (build.state != Completed || build.artifactsGivenUp)
        return;
    world_.expect(build.server.has_value(), "L9: build " + build.id + " was completed nowhere");
    if (!build.server)
        return;
    auto& jobs = world_.server(*build.server).jobs;
    if (const auto job = jobs.find(build.id); job != jobs.end())
        world_.expect(change.artifacts.size() >= job->second.packages.size(), "L9: build " + build.id + " is completed without its files");
}

std::optional<Build> Disk::find(const BuildId& id)
{
    if (real_)
        return real_->builds().find(id);
    return world_.rowOf(id);
}

std::vector<Build> Disk::listLive()
{
    for (auto& [_, row] : rows_)
        row.unseen = false;
    if (real_)
        return real_->builds().listLive();
    std::vector<Build> live;
    for (const auto& [_, row] : rows_)
        if (!isFinal(row.build.state))
            live.push_back(row.build);
    std::ranges::sort(live, {}, &Build::sequence);
    return live;
}

void Disk::compare()
{
    if (!real_)
        return;
    for (const auto& [id, row] : rows_) {
        const auto stored = real_->builds().find(id);
        world_.expect(stored && stored->state == row.build.state && stored->revision == row.build.revision &&
                          stored->server == row.build.server && stored->uncertain == row.build.uncertain,
                      "D3: build " + id + " is not stored as it was");
    }
}

} // namespace apbfarm::sim
