// SPDX-License-Identifier: MIT
#include "build_run.h"

#include "memory_meter.h"

#include "util/text.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace apbfarm::server {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kHeartbeat{30};

std::string seconds(std::chrono::seconds time)
{
    return std::to_string(time.count()) + " seconds";
}

RunResult broken(const std::exception& error)
{
    return {RunEnd::Broken, 1, "Build failed: " + util::oneLine(error.what(), 500), {}};
}

/// What the log says of an end that was not the command's own.
std::string remarkOn(RunEnd end, const BuildRecord& record)
{
    switch (end) {
    case RunEnd::Cancelled: return "Build cancelled";
    case RunEnd::ServerStops: return "Build interrupted: the server was stopped";
    case RunEnd::TimedOut: return "Build timed out after " + seconds(record.timeout);
    case RunEnd::Silent: return "Build terminated: no output for " + seconds(record.outputTimeout);
    case RunEnd::LogTooLarge: return "Build terminated: its log is too large";
    case RunEnd::Exited:
    case RunEnd::Broken: break;
    }
    return {};
}

} // namespace

BuildRun::BuildRun(const Settings& settings, const Builder& builder, const Account& account, BuildLog& log,
                   const StopSignal& stop)
    : settings_(settings), builder_(builder), account_(account), log_(log), stop_(stop), startedAt_(Steady::now()),
      lastOutputAt_(startedAt_)
{
}

RunResult BuildRun::run(const BuildRecord& record, const BuildFolder& folder) noexcept
try {
    const Workspace workspace(folder, account_);
    auto result = follow(builder_.prepare(workspace, record), record);
    if (result.end == RunEnd::Exited && result.exitCode == 0)
        result.packages = workspace.collectPackages();
    return result;
} catch (const std::exception& error) {
    return broken(error);
}

RunResult BuildRun::recreateBuildroot(const BuildRecord& record) noexcept
try {
    const auto command = builder_.recreateBuildroot();
    if (!command)
        return {RunEnd::Exited, 0, {}, {}};
    log_.line("Recreating the buildroot");
    auto result = follow(*command, record);
    result.peakMemory = 0;   // is not what the package needs
    if (result.end == RunEnd::Exited && result.exitCode != 0)
        result.remark = "The buildroot could not be recreated";
    return result;
} catch (const std::exception& error) {
    return broken(error);
}

RunResult BuildRun::follow(const Command& command, const BuildRecord& record)
{
    Process process(command);
    MemoryMeter memory(process.pid());
    std::optional<RunEnd> end;
    lastOutputAt_ = Steady::now();
    auto nextBeat = lastOutputAt_ + kHeartbeat;
    for (;;) {
        const auto now = Steady::now();
        if (!end && (end = shouldEnd(now, record)))
            process.kill();
        memory.look(now);
        if (now >= nextBeat)
            log_.heartbeat();
        nextBeat = now >= nextBeat || lastOutputAt_ + kHeartbeat > nextBeat ? std::max(now, lastOutputAt_) + kHeartbeat
                                                                            : nextBeat;
        const auto next = std::min({startedAt_ + record.timeout, lastOutputAt_ + record.outputTimeout, nextBeat,
                                    memory.next()});
        const auto pause = end ? milliseconds(1000) : std::chrono::ceil<milliseconds>(next - now);
        pollfd events[] = {{process.output(), POLLIN, 0}, {end ? -1 : stop_.descriptor(), POLLIN, 0}};
        ::poll(events, 2, static_cast<int>(std::clamp(pause, milliseconds(0), milliseconds(60000)).count()));
        if (events[0].revents && !readOutput(process))
            break;
    }
    const int code = process.wait();
    // What came and went between two looks is known of single processes only.
    const auto peak = std::max(memory.peak(), process.largestProcess());
    if (end)
        return {*end, code < 0 ? code : -SIGTERM, remarkOn(*end, record), {}, peak};
    return {RunEnd::Exited, code, {}, {}, peak};
}

std::optional<RunEnd> BuildRun::shouldEnd(util::Instant now, const BuildRecord& record) const
{
    if (stop_.cause() != StopCause::None)
        return stop_.cause() == StopCause::Cancelled ? RunEnd::Cancelled : RunEnd::ServerStops;
    if (now >= startedAt_ + record.timeout)
        return RunEnd::TimedOut;
    if (now >= lastOutputAt_ + record.outputTimeout)
        return RunEnd::Silent;
    if (log_.size() > settings_.maxLogSize)
        return RunEnd::LogTooLarge;
    return std::nullopt;
}

bool BuildRun::readOutput(const Process& process)
{
    char buffer[65536];
    const auto got = ::read(process.output(), buffer, sizeof buffer);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    lastOutputAt_ = Steady::now();
    log_.write({buffer, static_cast<std::size_t>(got)});
    return true;
}

} // namespace apbfarm::server
