// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::util {

/// Tells the service manager that started this process how it does: datagrams to $NOTIFY_SOCKET, as sd_notify(3) of
/// systemd documents them. Without a manager every call does nothing. Nothing throws: it is only news. Thread-safe.
class ServiceManager {
public:
    /// Takes the variables out of the environment, so that children do not speak for us. Before threads start.
    static ServiceManager fromEnvironment();

    /// `socket` is a path, or @name in the abstract namespace; empty: there is no manager.
    ServiceManager(std::string socket, std::optional<std::chrono::microseconds> patience);

    /// It serves from now on, or again after `reloading`. `status` is one line for people.
    void ready(std::string_view status) const;
    void reloading() const;
    void stopping() const;
    void alive() const;

    /// Time between two calls of `alive`: half of what the manager waits. Empty when it does not watch.
    std::optional<std::chrono::milliseconds> heartbeat() const;

private:
    void send(const std::string& news) const;

    std::string socket_;
    std::optional<std::chrono::microseconds> patience_;
};

} // namespace apbfarm::util
