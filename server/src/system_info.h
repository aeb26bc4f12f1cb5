// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace apbfarm::server {

struct MemoryUse {
    std::uint64_t total = 0, available = 0, used = 0;   ///< bytes
    double percentage = 0;
};

struct DiskUse {
    std::uint64_t total = 0, used = 0, free = 0;        ///< bytes
    double percentage = 0;
};

struct ProcessUse {
    int pid = 0;
    int threads = 0;
    int openFiles = 0;
    std::uint64_t memory = 0;                           ///< bytes
};

/// The least that a control group around this process allows, in bytes; empty when none limits it. Looks at all groups
/// on the way up, of both versions. `root` stands for `/`.
std::optional<std::uint64_t> memoryLimit(const std::filesystem::path& root = "/");
/// What all builds together can have, in bytes: of the machine, or what the limit leaves of it; 0 when nobody knows.
std::uint64_t usableMemory();

/// What Linux tells; zero or "Unknown" where it does not.
MemoryUse memoryUse();
DiskUse diskUse(const std::filesystem::path& folder);
ProcessUse processUse();
std::array<double, 3> loadAverage();
std::string machineName();
std::string processorModel();
int processorCount();
/// "0 days, 0 hours, 13 minutes"
std::string uptime();

/// How busy the processors were between two calls, so that nobody has to wait for a sample. Thread-safe.
class ProcessorMeter {
public:
    ProcessorMeter();
    /// Percent since the last call, or the last figure when that was less than a second ago.
    double usage();

private:
    struct Sample {
        std::uint64_t busy = 0, total = 0;
    };
    static Sample sample();

    std::mutex mutex_;
    Sample last_;
    std::chrono::steady_clock::time_point takenAt_;
    double usage_ = 0;
};

} // namespace apbfarm::server
