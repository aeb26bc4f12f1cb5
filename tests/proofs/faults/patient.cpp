// SPDX-License-Identifier: MIT
#include "proofs/faults/patient.h"

#include <sys/mman.h>

#include <algorithm>

namespace apbfarm::proofs::failing {

namespace {

constexpr std::size_t kLogShown = 3000;      // bytes of its end
constexpr auto kStartTime = std::chrono::seconds(4);

/// Everything that goes on in the background goes on at once.
const std::map<std::string, std::string> kProperties{
    {"follow.statusInterval", "20ms"}, {"follow.logInterval", "10ms"}, {"settle.notFoundGap", "50ms"},
    {"dispatch.interval", "100ms"}, {"follow.probeInterval", "100ms"}};

}

Patient::Patient(const test::FarmProcess::Servers& servers, Complain complain)
    : complain_(std::move(complain)), farm_(servers, kProperties)
{
    const auto file = farm_.folder() / kControlFile;
    std::ofstream(file).close();
    std::filesystem::resize_file(file, sizeof(Control));
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    void* page = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (page == MAP_FAILED)
        throw std::runtime_error("cannot share a page with the farm");
    control_ = static_cast<Control*>(page);
}

Patient::~Patient()
{
    ::munmap(control_, sizeof(Control));
}

void Patient::harm(const Fault& fault)
{
    heal();
    fault_ = fault;
    if (fault.isNone())
        return;
    control_->call = static_cast<std::uint32_t>(fault.call);
    control_->error = fault.error;
    control_->times = fault.times;
    control_->place = fault.place;
    control_->first = control_->made[static_cast<std::size_t>(fault.call)] + fault.number;
    control_->armed.store(1, std::memory_order_release);
}

void Patient::heal()
{
    control_->armed.store(0, std::memory_order_release);
}

void Patient::start()
{
    const auto launch = [this] {
        logBefore_ = farm_.log().size();
        farm_.launch();
        const auto port = farm_.folder() / "port";
        test::eventually([&] { return std::filesystem::exists(port) || !farm_.process().isRunning(); }, kStartTime);
    };
    launch();
    starting_ = true;
    if (!farm_.process().isRunning()) {
        judge(farm_.process().wait().value_or(0));
        heal();
        launch();
    }
    if (!std::filesystem::exists(farm_.folder() / "port"))
        heal();   // it waits for better times, as SQLite's driver does for a whole minute
    farm_.awaitPort();
    starting_ = false;
}

bool Patient::revive()
{
    if (farm_.process().isRunning())
        return false;
    judge(farm_.process().wait().value_or(0));
    heal();
    start();
    return true;
}

void Patient::stop()
{
    const auto code = farm_.stop();
    const bool harmed = failed() > 0 && fault_.phase == Phase::Stopping;
    if (code != 0 && harmed)
        judge(code);
    else if (code != 0)
        complain_("it was told to stop and ended with " + std::to_string(code));
}

/// Without memory libarchive ends the process for a few of its strings, the loader for the variables of a library that it
/// loads, and the standard library for the names in a folder; no caller can prevent that. As with any other end nothing
/// may be lost, and the service manager starts the farm again.
bool Patient::endedByLibrary() const
{
    if (fault_.call != Call::Memory)
        return false;
    const auto trace = test::readFile(farm_.folder() / kTraceFile);
    return logSinceStart().find("Fatal Internal Error in libarchive: ") != std::string::npos ||
           trace.find("18directory_iterator") != std::string::npos ||
           (starting_ && trace.find("(dlopen+") != std::string::npos);
}

void Patient::judge(int code)
{
    ++ends_;
    if (endedByLibrary())
        return;
    if (code < 0)
        return complain_("it ended with signal " + std::to_string(-code));
    if (code == 0)
        complain_("it ended by itself, with 0");
    if (failed() == 0 || !(starting_ || fault_.mayEndTheFarm()))
        complain_("it ended with " + std::to_string(code) + ", which this is no reason for");
    // Where the log itself cannot be written, nobody can be told.
    if (logSinceStart().empty() && fault_.call != Call::Write)
        complain_("it ended with " + std::to_string(code) + " and without a word");
}

void Patient::record(std::optional<Phase> phase)
{
    control_->recording = phase ? static_cast<std::uint32_t>(*phase) + 1 : 0;
}

Places Patient::places() const
{
    Places found;
    for (const auto& place : control_->places)
        if (place.id != 0)
            found.at(place.phase).at(place.call).push_back(place.id);
    for (auto& calls : found)
        for (auto& ids : calls) {
            std::ranges::sort(ids);
            ids.erase(std::ranges::unique(ids).begin(), ids.end());
        }
    return found;
}

std::array<std::uint64_t, kCalls> Patient::made() const
{
    std::array<std::uint64_t, kCalls> counts{};
    for (std::size_t i = 0; i < kCalls; ++i)
        counts[i] = control_->made[i];
    return counts;
}

std::string Patient::story() const
{
    auto log = farm_.log();
    for (std::size_t at = 0, end; (end = log.find('\n', at)) != std::string::npos;)
        log.substr(at, end - at).find(" INFO ") == std::string::npos ? at = end + 1 : (log.erase(at, end + 1 - at), at);
    if (log.size() > kLogShown)
        log.erase(0, log.size() - kLogShown);
    return test::readFile(farm_.folder() / kTraceFile) + "\n" + log;
}

}
