// SPDX-License-Identifier: MIT
#include "system_info.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

namespace apbfarm::server {

namespace {

/// The value of a "Name: value" line; empty when there is none.
std::string valueIn(const char* file, const std::string& name)
{
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos || line.compare(0, name.size(), name) != 0)
            continue;
        const auto start = line.find_first_not_of(" \t", colon + 1);
        return start == std::string::npos ? std::string() : line.substr(start);
    }
    return {};
}

std::uint64_t kibibytesIn(const char* file, const std::string& name)
{
    return std::strtoull(valueIn(file, name).c_str(), nullptr, 10) * 1024;
}

double percent(std::uint64_t part, std::uint64_t whole)
{
    return whole ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// Where the limit of a control group stands.
struct MemoryGroup {
    std::string mount, path, file;   ///< below /sys/fs/cgroup; without slashes at the ends
};

/// "0::/user.slice/a.scope" is a group of version 2, "9:memory:/docker/1f" one of version 1; others limit no memory.
std::optional<MemoryGroup> memoryGroupOf(const std::string& line)
{
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos)
        return std::nullopt;
    // Seen from a group of its own, one outside of it begins with "/..".
    auto path = std::filesystem::path(line.substr(second + 1)).lexically_normal().relative_path().string();
    const auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers == ",,")
        return MemoryGroup{"", std::move(path), "memory.max"};
    if (controllers.find(",memory,") != std::string::npos)
        return MemoryGroup{"memory", std::move(path), "memory.limit_in_bytes"};
    return std::nullopt;
}

/// "a/b", "a", "".
std::vector<std::filesystem::path> upFrom(std::filesystem::path path)
{
    std::vector<std::filesystem::path> folders{path};
    while (!path.empty()) {
        path = path.parent_path();
        folders.push_back(path);
    }
    return folders;
}

/// Empty for "max" and for a file that is not there.
std::optional<std::uint64_t> numberIn(const std::filesystem::path& file)
{
    std::uint64_t number = 0;
    return std::ifstream(file) >> number ? std::optional(number) : std::nullopt;
}

} // namespace

MemoryUse memoryUse()
{
    constexpr auto file = "/proc/meminfo";
    MemoryUse use;
    use.total = kibibytesIn(file, "MemTotal");
    use.available = std::min(use.total, kibibytesIn(file, "MemAvailable"));
    use.used = use.total - use.available;
    use.percentage = percent(use.used, use.total);
    return use;
}

std::optional<std::uint64_t> memoryLimit(const std::filesystem::path& root)
{
    std::optional<std::uint64_t> least;
    std::ifstream groups(root / "proc/self/cgroup");
    for (std::string line; std::getline(groups, line);)
        if (const auto place = memoryGroupOf(line))
            for (const auto& folder : upFrom(place->path))
                if (const auto limit = numberIn(root / "sys/fs/cgroup" / place->mount / folder / place->file))
                    least = std::min(least.value_or(*limit), *limit);
    return least;
}

std::uint64_t usableMemory()
{
    const auto total = memoryUse().total;
    return std::min(total, memoryLimit().value_or(total));
}

DiskUse diskUse(const std::filesystem::path& folder)
{
    struct statvfs info{};
    if (::statvfs(folder.c_str(), &info) != 0)
        return {};
    DiskUse use;
    use.total = std::uint64_t(info.f_blocks) * info.f_frsize;
    use.used = std::uint64_t(info.f_blocks - info.f_bfree) * info.f_frsize;
    use.free = std::uint64_t(info.f_bavail) * info.f_frsize;
    use.percentage = percent(use.used, use.used + use.free);
    return use;
}

ProcessUse processUse()
{
    constexpr auto file = "/proc/self/status";
    ProcessUse use;
    use.pid = ::getpid();
    use.threads = std::atoi(valueIn(file, "Threads").c_str());
    use.memory = kibibytesIn(file, "VmRSS");
    std::error_code error;
    const std::filesystem::directory_iterator files("/proc/self/fd", error);
    use.openFiles = static_cast<int>(std::distance(begin(files), end(files)));
    return use;
}

std::array<double, 3> loadAverage()
{
    std::array<double, 3> loads{};
    ::getloadavg(loads.data(), 3);
    return loads;
}

std::string machineName()
{
    utsname machine{};
    ::uname(&machine);
    return machine.machine;
}

std::string processorModel()
{
    const auto model = valueIn("/proc/cpuinfo", "model name");
    return model.empty() ? "Unknown" : model;
}

int processorCount()
{
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

std::string uptime()
{
    double seconds = -1;
    std::ifstream("/proc/uptime") >> seconds;
    if (seconds < 0)
        return "Unknown";
    const auto minutes = static_cast<long>(seconds) / 60;
    std::ostringstream text;
    text << minutes / 1440 << " days, " << minutes / 60 % 24 << " hours, " << minutes % 60 << " minutes";
    return text.str();
}

ProcessorMeter::ProcessorMeter() : last_(sample()), takenAt_(std::chrono::steady_clock::now()) {}

double ProcessorMeter::usage()
{
    std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - takenAt_ < std::chrono::seconds(1))
        return usage_;
    const auto current = sample();
    usage_ = percent(current.busy - last_.busy, current.total - last_.total);
    last_ = current;
    takenAt_ = now;
    return usage_;
}

ProcessorMeter::Sample ProcessorMeter::sample()
{
    // The first line of /proc/stat: user nice system idle iowait irq softirq steal.
    std::ifstream in("/proc/stat");
    std::string name;
    in >> name;
    Sample sample;
    for (int field = 0; field < 8; ++field) {
        std::uint64_t ticks = 0;
        in >> ticks;
        sample.total += ticks;
        if (field != 3 && field != 4)
            sample.busy += ticks;
    }
    return sample;
}

} // namespace apbfarm::server
