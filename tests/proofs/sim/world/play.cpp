// SPDX-License-Identifier: MIT
#include "proofs/sim/world/farm.h"

#include <algorithm>
#include <array>

namespace apbfarm::sim {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Once nothing goes wrong any more, everything must have come to its end after so long.
constexpr Time kCalmEnough = std::chrono::hours(3);
constexpr std::size_t kMostSubmissions = 4;
constexpr std::array<const char*, 2> kArchitectures{"x86_64", "aarch64"};

/// One case: a farm, its servers and people, first in bad weather, then in calm.
class Play {
public:
    Play(World& world, Disk& disk) : world_(world), disk_(disk), random_(world.random) {}

    void run()
    {
        drawWorld();
        begin();
        planEvents();
        while (world_.broken.empty() && !over() && world_.engine.step())
            afterStep();
        if (world_.broken.empty())
            atEnd();
        world_.engine.kill();
        farm_.reset();
        disk_.close();
    }

private:
    void drawWorld();
    void planEvents();
    void planEvent(Time when);
    void begin();
    void afterStep();
    void end();
    bool over();
    void atEnd();
    void calmDown();
    void submit();
    void stopGently();
    void troubleAServer();
    BuildId anyBuild();
    bool takesRequests() const { return farm_ && farm_->ready() && !farm_->stopped(); }

    World& world_;
    Disk& disk_;
    Random& random_;
    Habits habits_;
    std::unique_ptr<Farm> farm_;
    Time badUntil_{0};
    Time quietSince_{-1};
    int submissions_ = 0;
    int named_ = 0;
    bool beginning_ = false, ending_ = false;
};

void Play::drawWorld()
{
    constexpr std::array<std::uint64_t, 5> kRates{0, 10, 50, 150, 400};
    const auto rate = [&] { return kRates[random_.below(kRates.size())]; };
    world_.weather = {rate(), rate(), rate() / 2, rate() / 4, random_.below(30), false};
    // There are few cases on the real storage: writes that come late (S4) meet a farm that is there again in most.
    if (world_.which.sqlite)
        world_.weather.crash = 50 + random_.below(50);
    const auto count = 1 + random_.below(3);
    for (std::uint64_t i = 0; i < count; ++i) {
        Server server;
        server.id = "http://s" + std::to_string(i + 1);
        server.architecture = kArchitectures[random_.chance(700) ? 0 : 1];
        server.slots = 1 + static_cast<int>(random_.below(3));
        world_.servers.push_back(std::move(server));
    }
    badUntil_ = random_.between(minutes(1), minutes(12));
    habits_.policy = {.lostAfter = minutes(2), .giveUpAfter = minutes(4), .missingAfter = minutes(2)};
    habits_.pace.probe = seconds(30);
    habits_.pace.status = seconds(random_.chance(500) ? 10 : 25);
    habits_.pace.log = seconds(40);
    habits_.pace.discovery = minutes(random_.chance(300) ? 1 : 60);
    habits_.pace.longestBackOff = seconds(30);
    habits_.pace.fileGiveUp = minutes(2);
    habits_.dispatch.interval = seconds(30);
    if (random_.chance(100))
        habits_.dispatch.maxWait = minutes(random_.below(10) + 1);
}

void Play::begin()
{
    beginning_ = false;
    disk_.open();
    world_.trace("farm starts");
    farm_ = std::make_unique<Farm>(world_, disk_, habits_);
}

void Play::planEvents()
{
    world_.engine.at(Time(0), [this] { submit(); });
    const auto events = 4 + random_.below(14);
    for (std::uint64_t i = 0; i < events; ++i)
        planEvent(random_.between(Time(0), badUntil_));
    world_.engine.at(badUntil_, [this] { calmDown(); });
}

void Play::planEvent(Time when)
{
    world_.engine.at(when, [this] {
        switch (random_.below(12)) {
        case 0:
        case 1:
        case 2: return submit();
        case 3:
        case 4: return takesRequests() ? farm_->cancel(anyBuild()) : void();
        case 5: return takesRequests() ? farm_->release(anyBuild()) : void();
        case 6: world_.dies = farm_ != nullptr; return;
        case 7: return stopGently();
        case 8: world_.clockStep = random_.between(-std::chrono::hours(24), std::chrono::hours(24)); return;
        case 9: return takesRequests() ? farm_->drain(world_.servers[random_.below(world_.servers.size())].id, random_.chance(500)) : void();
        default: return troubleAServer();
        }
    });
}

void Play::submit()
{
    if (!takesRequests() || submissions_ >= static_cast<int>(kMostSubmissions)) {
        if (named_ == 0)
            world_.engine.at(world_.engine.now() + seconds(2), [this] { submit(); });
        return;
    }
    ++submissions_;
    std::vector<Build> builds(1 + random_.below(2));
    for (auto& build : builds) {
        build.id = "b" + std::to_string(++named_);
        build.pkgname = "package";
        build.architecture = world_.servers[random_.below(world_.servers.size())].architecture;
        build.anyArchitecture = random_.chance(300);
        build.payload = random_.chance(125) ? "folders" : "flat";
        build.submissionGroup = "g" + std::to_string(submissions_);
        build.owner = 1;
        build.timeout = seconds(7200);
        build.createdAt = VirtualClock(world_).wall();
        world_.known(build.id).submission = build.submissionGroup;
    }
    farm_->submit(builds);
}

BuildId Play::anyBuild()
{
    return "b" + std::to_string(1 + random_.below(static_cast<std::uint64_t>(std::max(named_, 1))));
}

void Play::stopGently()
{
    if (!takesRequests() || ending_)
        return;
    ending_ = true;
    world_.trace("farm is told to stop");
    world_.engine.spawn([this] { farm_->stop(); });
}

void Play::troubleAServer()
{
    auto& server = world_.servers[random_.below(world_.servers.size())];
    switch (random_.below(4)) {
    case 0: {
        server.up = false;
        world_.trace(server.id, " goes away");
        const auto back = random_.chance(300) ? badUntil_ : world_.engine.now() + random_.between(seconds(1), minutes(6));
        world_.engine.at(back, [&server] { server.up = true; });
        return;
    }
    case 1:
        world_.trace(server.id, " forgets everything");
        server.jobs.clear();
        return;
    case 2: {
        sim::RemoteJob job;
        job.foreign = true;
        job.doneAt = world_.engine.now() + random_.between(seconds(1), minutes(3));
        const auto id = "f" + std::to_string(random_.below(1000));
        world_.known(id).foreign = true;
        server.jobs.try_emplace(id, std::move(job));
        return;
    }
    default:
        // A server that has lost one build, as after its disk was cleaned.
        if (!server.jobs.empty()) {
            world_.trace(server.id, " forgets ", server.jobs.begin()->first);
            server.jobs.erase(server.jobs.begin());
        }
    }
}

void Play::calmDown()
{
    world_.trace("from now on nothing goes wrong");
    world_.weather = {.calm = true};
    world_.engine.noPreemption();
    for (auto& server : world_.servers) {
        server.up = true;
        if (farm_)
            farm_->drain(server.id, false);
    }
}

void Play::end()
{
    world_.trace("farm is gone");
    world_.engine.kill();
    farm_.reset();
    disk_.close();
    world_.dies = false;
    ending_ = false;
    ++world_.coverage.crashes;
    // What was not synced may be gone: the last lines of logs.
    for (auto& [id, lines] : disk_.logLines)
        if (!disk_.sealed[id] && random_.chance(300))
            lines = random_.below(lines + 1);
}

void Play::afterStep()
{
    if (farm_ && (world_.dies || farm_->stopped() || (farm_->wantsToEnd() && random_.chance(100))))
        end();
    if (!farm_ && !beginning_) {
        beginning_ = true;
        world_.engine.at(world_.engine.now() + random_.between(Time(1000), world_.which.sqlite ? seconds(1) : seconds(40)), [this] { begin(); });
    }
}

/// Everything has come to its end, and a little later still has.
bool Play::over()
{
    const auto now = world_.engine.now();
    if (!world_.weather.calm || now < quietSince_)
        return false;
    if (now > badUntil_ + kCalmEnough)
        return true;
    // A late write of a process that is gone is noticed by its successor when it next has something to store.
    if (disk_.live() > 0 || !takesRequests() || farm_->liveCount() > 0) {
        quietSince_ = Time(-1);
        return false;
    }
    if (quietSince_ < Time(0)) {
        quietSince_ = now + minutes(1);
        return false;
    }
    return true;
}

void Play::atEnd()
{
    for (const auto& [id, row] : disk_.rows()) {
        const auto& build = row.build;
        world_.expect(isFinal(build.state), "D3: build " + id + " is still " + std::string(toText(build.state)) + " when all has been well for hours: " + build.reason);
        const int told = world_.known(id).messages;
        world_.expect(told == (row.tellsNobody ? 0 : 1), "D6: the end of build " + id + " was told " + std::to_string(told) + " times");
    }
    std::map<std::string, std::pair<int, int>> groups;
    for (const auto& [id, known] : world_.builds) {
        const bool stored = disk_.rows().contains(id);
        world_.expect(stored || !known.acknowledged, "D1: build " + id + " was acknowledged and is not there");
        if (!known.submission.empty())
            ++(stored ? groups[known.submission].first : groups[known.submission].second);
    }
    for (const auto& [group, counts] : groups)
        world_.expect(counts.first == 0 || counts.second == 0, "D2: half of submission " + group + " is there");
    disk_.compare();
    if (takesRequests())
        farm_->checkRest();
}

} // namespace

} // namespace apbfarm::sim

namespace simulation {

std::string play(const Case& which, Coverage& coverage)
{
    using namespace apbfarm::sim;
    constexpr std::array<std::uint64_t, 3> kPreemptions{0, 5, 30};
    World world(which, coverage, kPreemptions[which.seed % kPreemptions.size()]);
    Disk disk(world);
    Play(world, disk).run();
    coverage.switches += world.engine.switches();
    return world.broken;
}

} // namespace simulation
