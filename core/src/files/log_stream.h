// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_store.h"

#include <apbfarm/http.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace apbfarm::files {

/// The log of one build as server-sent events. Positions are line numbers.
///
/// Read from the log store, so a viewer can start anywhere and be as slow as it likes without losing a line. Viewers
/// at the same place share one piece of ready-made text.
class LogStream final : public EventSource {
public:
    LogStream(LogStore& logs, BuildId build);
    ~LogStream() override;

    EventBlock at(std::uint64_t position) override;
    std::shared_ptr<void> subscribe(std::function<void()> wake) override;

    void appended() { wakeAll(); }
    void ended(const std::string& status, int exitCode);

private:
    struct State;
    void wakeAll();

    LogStore& logs_;
    BuildId build_;
    std::shared_ptr<State> state_;   // outlives the stream while a subscription's handle is held
};

/// Finds the stream of a build; makes it when somebody asks, drops it when nobody holds it. Thread-safe.
class LogStreamHub {
public:
    explicit LogStreamHub(LogStore& logs) : logs_(logs) {}

    std::shared_ptr<LogStream> stream(const BuildId& build);
    /// New lines are in the store.
    void appended(const BuildId& build);
    /// No more lines will come: viewers get the last ones and a `complete` event. Repeats change nothing.
    void ended(const BuildId& build, const std::string& status, int exitCode);

private:
    std::shared_ptr<LogStream> find(const BuildId& build) const;

    LogStore& logs_;
    util::Guarded<std::unordered_map<BuildId, std::weak_ptr<LogStream>>> streams_;
};

} // namespace apbfarm::files
