// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace apbfarm::app {

/// Where commands on the same machine reach the running farm: a socket in its private folder, which only the farm's
/// own account and root can enter. One question and one answer for each connection, one after the other.
class ControlSocket {
public:
    using Handler = std::function<std::string(const std::string& question)>;

    /// Replaces a socket that a killed farm left. `handle` runs on a thread of this object and does not throw.
    /// Throws `Unavailable`.
    ControlSocket(const std::filesystem::path& directory, Handler handle);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

private:
    void serve();
    void answerOne(int connection) const;

    const std::filesystem::path directory_;
    const Handler handle_;
    util::UniqueFd listening_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;             // last: starts when all else is there
};

/// What the farm that keeps its state there answers; empty when none is running. Throws `Unavailable` when it does not
/// answer within half a minute.
std::optional<std::string> askFarm(const std::filesystem::path& directory, std::string_view question);

/// The process of that farm; empty when none is running.
std::optional<pid_t> runningFarm(const std::filesystem::path& directory);

} // namespace apbfarm::app
