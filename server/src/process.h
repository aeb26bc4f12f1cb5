// SPDX-License-Identifier: MIT
#pragma once

#include "account.h"

#include "util/unique_fd.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::server {

/// What to run, with which environment, where and as whom.
struct Command {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;   ///< "NAME=value"; the whole of it
    std::filesystem::path directory;
    std::optional<Account> account;         ///< empty: ours; changed to only if it differs
};

/// A command under a supervisor of its own (`supervise`); with it goes everything it started.
///
/// The thread that starts it must live as long as it: the kernel takes the end of that thread for our death.
class Process {
public:
    /// Throws std::system_error. A command that cannot be started ends with code 127 and a line of output.
    explicit Process(const Command& command);
    /// Kills what still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Standard output and error together, non-blocking, at its end when the last process is gone.
    int output() const { return output_.get(); }
    /// Readable once the process has ended.
    int ended() const { return ended_.get(); }

    pid_t pid() const { return pid_; }
    void kill();
    /// Waits. The exit code, negative when a signal ended the command.
    int wait();
    /// Bytes of memory that the largest single process of it had, files included; 0 before the end.
    std::uint64_t largestProcess() const { return largestProcess_; }

private:
    util::UniqueFd output_;
    util::UniqueFd ended_;
    pid_t pid_ = -1;
    std::uint64_t largestProcess_ = 0;
};

/// Runs to the end and returns exit code and the first 64 KiB of output.
struct Finished {
    int code;
    std::string output;
};
Finished runToEnd(const Command& command);

} // namespace apbfarm::server
