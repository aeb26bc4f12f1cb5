// SPDX-License-Identifier: MIT
#pragma once

#include "build_log.h"
#include "builder.h"
#include "stop_signal.h"

#include "util/clock.h"

#include <optional>
#include <string>

namespace apbfarm::server {

/// Why a run is over.
enum class RunEnd { Exited, Cancelled, ServerStops, TimedOut, Silent, LogTooLarge, Broken };

struct RunResult {
    RunEnd end = RunEnd::Broken;
    int exitCode = 1;                ///< negative: the signal
    std::string remark;              ///< the log line that explains the end
    std::vector<PackageFile> packages; ///< of a run that exited with 0
    std::uint64_t peakMemory = 0;    ///< bytes; 0: not known
};

/// One run of one build from a fresh workspace to its packages. On return no process of it is left.
class BuildRun {
public:
    BuildRun(const Settings& settings, const Builder& builder, const Account& account, BuildLog& log,
             const StopSignal& stop);

    /// Never throws: what goes wrong is a result with the end `Broken`.
    RunResult run(const BuildRecord& record, const BuildFolder& folder) noexcept;
    /// Makes the buildroot anew within the time limits of `record`; nothing to do counts as done.
    RunResult recreateBuildroot(const BuildRecord& record) noexcept;

private:
    RunResult follow(const Command& command, const BuildRecord& record);
    std::optional<RunEnd> shouldEnd(util::Instant now, const BuildRecord& record) const;
    bool readOutput(const Process& process);

    const Settings& settings_;
    const Builder& builder_;
    const Account& account_;
    BuildLog& log_;
    const StopSignal& stop_;
    util::Instant startedAt_, lastOutputAt_;
};

} // namespace apbfarm::server
