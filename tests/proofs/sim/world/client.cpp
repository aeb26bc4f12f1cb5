// SPDX-License-Identifier: MIT
#include "fleet/server_client.h"
#include "proofs/sim/world/world.h"

#include <algorithm>

// The client side towards build servers, on the simulated network.

namespace apbfarm::fleet {

using sim::Server;
using sim::Time;
using sim::World;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// How long a request that nobody waits for any more may still be under way; one that the end of the farm cut short, as
/// long as the farm would have waited besides. The proof of absence (L3) rests on servers that take what they were sent
/// within the minute between its two questions.
constexpr Time kLatest = seconds(15);
constexpr Time kPatience = seconds(10);         ///< with a question
constexpr Time kSubmitPatience = seconds(20);

CallError unclear(const char* why)
{
    return {Failure::Unclear, 0, why, {}};
}

} // namespace

struct FilesForm::Impl {
    HandOver handOver;
};

FilesForm::FilesForm(const HandOver& handOver, int) : impl_(std::make_shared<Impl>(Impl{handOver})) {}

struct ServerClient::Impl {
    ServerId base;
    World& world = *World::current();
    bool aborted = false;
    std::optional<sim::FiberId> waiting;

    Server& server() const { return world.server(base); }
    bool waits(Time length);
    std::optional<CallError> reach();
    std::optional<CallError> comeBack();
    template <class Reply, class Work> Reply ask(Work work);
    HandOverResult submit(const BuildId& build, bool asFiles);
    HandOverResult throughTrouble(const BuildId& build);
    HandOverResult arrive(const BuildId& build);
    void arriveLater(const BuildId& build, Time delay);
    std::optional<HandOverResult> refusal(const BuildId& build);
};

/// \return false when the farm gave up calling
bool ServerClient::Impl::waits(Time length)
{
    waiting = world.engine.self();
    const auto end = world.engine.now() + length;
    while (!aborted && world.engine.now() < end)
        world.engine.sleep(end);
    waiting.reset();
    return !aborted;
}

/// The way there of a small request.
std::optional<CallError> ServerClient::Impl::reach()
{
    if (!waits(world.random.between(milliseconds(1), milliseconds(30))))
        return unclear("the farm is stopping");
    if (!server().up && world.random.chance(500))
        return CallError{Failure::NotSent, 0, "connection refused", {}};
    if (!server().up)
        return waits(kPatience), unclear("no answer in time");
    if (!world.mayFail(world.weather.network))
        return std::nullopt;
    switch (world.random.below(5)) {
    case 0: return CallError{Failure::NotSent, 0, "connection refused", {}};
    case 1: waits(kPatience); return unclear("no answer in time");
    case 2: return CallError{Failure::Busy, 503, "busy", {}};
    case 3: return CallError{Failure::Unclear, 200, "nonsense", {}};
    default: return unclear("connection reset");
    }
}

/// The way back. What the server did is done.
std::optional<CallError> ServerClient::Impl::comeBack()
{
    if (!world.mayFail(world.weather.network))
        return std::nullopt;
    const bool late = world.random.chance(500);
    if (!waits(world.random.between(Time(0), late ? kPatience : Time(seconds(1)))) || !late)
        return unclear("reply lost");
    return std::nullopt;
}

/// A small question to which every reply may be lost: `work` is what the server does about it.
template <class Reply, class Work> Reply ServerClient::Impl::ask(Work work)
{
    if (const auto error = reach())
        return *error;
    Reply reply = work(server());
    if (const auto error = comeBack())
        return *error;
    return reply;
}

ServerClient::ServerClient(ServerId base, ClientOptions) : impl_(new Impl{std::move(base)}) {}

ServerClient::~ServerClient() = default;

void ServerClient::abort()
{
    impl_->aborted = true;
    if (impl_->waiting)
        impl_->world.engine.wake(*impl_->waiting);
}

Answer<ServerInfo> ServerClient::info()
{
    return impl_->ask<Answer<ServerInfo>>([&world = impl_->world](Server& server) {
        ServerInfo info;
        info.architecture = world.mayFail(world.weather.lie) ? "vax" : server.architecture;
        info.building = server.active(world.engine.now());
        info.slots = server.slots;
        return info;
    });
}

StatusAnswer ServerClient::status(const BuildId& build)
{
    return impl_->ask<StatusAnswer>([&world = impl_->world, &build](Server& server) -> StatusAnswer {
        server.proceed(world.engine.now());
        const auto job = server.jobs.find(build);
        const bool lies = world.mayFail(world.weather.lie);
        if (job == server.jobs.end())
            return BuildNotKnown{};
        if (lies && world.random.chance(300)) {
            world.known(build).excused = true;   // it says that it does not have it
            return BuildNotKnown{};
        }
        RemoteBuild remote;
        remote.status = job->second.state;
        if (lies)
            remote.status = world.random.chance(500) ? std::nullopt : std::optional(BuildStatus::Building);
        remote.document = "{\"status\":" + std::to_string(static_cast<int>(job->second.state)) + "}";
        const bool over = remote.status && *remote.status != BuildStatus::Building;
        if (over && (job->second.settled || std::exchange(job->second.settled, true))) {
            remote.endTime = 1'800'000'100;
            for (const auto& name : job->second.packages)
                remote.packages.push_back({name, 4});
            remote.logs.push_back({"build.log", -1});
        }
        return remote;
    });
}

OutputAnswer ServerClient::output(const BuildId& build, std::uint64_t start, int limit)
{
    auto& world = impl_->world;
    if (const auto error = impl_->reach())
        return *error;
    const auto job = impl_->server().jobs.find(build);
    if (job == impl_->server().jobs.end())
        return BuildNotKnown{};
    auto& lines = job->second.lines;
    lines += static_cast<int>(world.random.below(3));
    OutputPage page;
    page.start = start;
    page.total = static_cast<std::uint64_t>(lines);
    for (auto line = start; line < page.total && page.lines.size() < static_cast<std::size_t>(limit); ++line)
        page.lines.push_back(std::to_string(line));
    if (const auto error = impl_->comeBack())
        return *error;
    return page;
}

CancelAnswer ServerClient::cancel(const BuildId& build)
{
    auto& world = impl_->world;
    if (const auto error = impl_->reach())
        return *error;
    auto& server = impl_->server();
    server.proceed(world.engine.now());
    const auto job = server.jobs.find(build);
    if (job == server.jobs.end())
        return BuildNotKnown{};
    const bool running = job->second.state == BuildStatus::Building;
    if (running)
        job->second.state = BuildStatus::Cancelled;
    if (const auto error = impl_->comeBack())
        return *error;
    return CancelAccepted{running, ""};
}

DownloadAnswer ServerClient::download(const BuildId& build, const std::string& filename,
                                      const std::function<void(std::string_view)>& sink)
{
    auto& world = impl_->world;
    if (const auto error = impl_->reach())
        return *error;
    if (!impl_->server().jobs.contains(build) || world.mayFail(world.weather.lie))
        return FileMissing{};
    sink("by");
    if (const auto error = impl_->comeBack())
        return *error;
    sink(filename.ends_with(".log") ? "tes and more" : "te");
    return FileDone{filename.ends_with(".log") ? 14u : 4u};
}

Answer<std::vector<ListedBuild>> ServerClient::latest(int)
{
    return impl_->ask<Answer<std::vector<ListedBuild>>>([](Server& server) {
        std::vector<ListedBuild> list;
        for (const auto& [id, job] : server.jobs)
            list.push_back({id, "package", job.state, {}, {}});
        return list;
    });
}

HandOverResult ServerClient::submit(const HandOver& handOver, Payload&)
{
    return impl_->submit(handOver.build, false);
}

HandOverResult ServerClient::submitFiles(const FilesForm& form)
{
    return impl_->submit(form.impl_->handOver.build, true);
}

HandOverResult ServerClient::Impl::submit(const BuildId& build, bool asFiles)
{
    const auto row = world.rowOf(build);
    world.expect(row && row->server == base && !isFinal(row->state) && row->state != BuildState::Queued,
                 "L1: build " + build + " is sent to " + base + ", which is not what is stored");
    if (!waits(world.random.between(milliseconds(1), milliseconds(100))))
        return {Verdict::Unclear, "the farm is stopping", {}};
    if (world.mayFail(world.weather.network))
        return throughTrouble(build);
    if (!asFiles && world.mayFail(world.weather.lie))
        return {Verdict::NeedsFiles, "pkgbuild is missing", {}};
    const auto result = server().up ? arrive(build) : HandOverResult{Verdict::NotTaken, "connection refused", {}};
    if (!waits(world.random.between(milliseconds(1), milliseconds(100))))
        return {Verdict::Unclear, "the farm is stopping", {}};
    return result;
}

/// Every way in which the farm cannot know what became of its request.
HandOverResult ServerClient::Impl::throughTrouble(const BuildId& build)
{
    const auto kind = world.random.below(6);
    if (kind == 0)
        return {Verdict::NotTaken, "connection refused", {}};
    if (kind == 1)   // it gets there while the farm still waits, or not long after
        arriveLater(build, world.random.between(Time(0), kSubmitPatience + kLatest));
    if (kind == 2)
        arrive(build);
    if (kind == 3) { // a proxy sends it twice
        arriveLater(build, world.random.between(Time(0), kLatest));
        arrive(build);
    }
    if (kind == 4 && world.random.chance(300))
        arriveLater(build, world.random.between(Time(0), Time(seconds(2))));
    waits(kind == 1 || world.random.chance(300) ? kSubmitPatience : world.random.between(Time(0), Time(seconds(2))));
    return {Verdict::Unclear, "reset", {}};
}

void ServerClient::Impl::arriveLater(const BuildId& build, Time delay)
{
    ++server().onTheirWay[build];
    // The farm may be gone by then: only the world is.
    world.engine.at(world.engine.now() + delay, [&world = world, base = base, build] {
        auto& server = world.server(base);
        if (--server.onTheirWay[build] == 0)
            server.onTheirWay.erase(build);
        if (server.up)
            Impl{base, world}.arrive(build);
    });
}

/// At the server.
HandOverResult ServerClient::Impl::arrive(const BuildId& build)
{
    auto& there = server();
    if (!there.up)
        return {Verdict::NotTaken, "connection refused", {}};
    if (there.jobs.contains(build))
        return {Verdict::Accepted, "already exists", {}};
    if (auto refused = refusal(build))
        return *refused;
    world.taken(there, build);
    sim::RemoteJob job;
    job.doneAt = world.engine.now() + world.random.between(seconds(1), seconds(120));
    constexpr BuildStatus kVerdicts[] = {BuildStatus::Completed, BuildStatus::Completed, BuildStatus::Failed, BuildStatus::Cancelled};
    job.verdict = kVerdicts[world.random.below(std::size(kVerdicts))];
    if (job.verdict == BuildStatus::Completed)
        job.packages = {build + ".pkg"};
    job.settled = world.random.chance(700);
    there.jobs[build] = std::move(job);
    return {Verdict::Accepted, "", {}};
}

std::optional<HandOverResult> ServerClient::Impl::refusal(const BuildId&)
{
    if (server().active(world.engine.now()) >= server().slots + 1)
        return HandOverResult{Verdict::NotTaken, "full", seconds(5)};
    if (!world.mayFail(world.weather.refusal))
        return std::nullopt;
    constexpr Verdict kRefusals[] = {Verdict::Rejected, Verdict::TooLarge, Verdict::NotTaken, Verdict::Forbidden};
    return HandOverResult{kRefusals[world.random.below(std::size(kRefusals))], "no", {}};
}

} // namespace apbfarm::fleet
