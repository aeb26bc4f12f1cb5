// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_store.h"
#include "util/guarded.h"
#include "util/listeners.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace apbfarm::files {

/// How a build ended, for the last event of its stream.
struct LogEnd {
    std::string status;              ///< "completed", "failed", "cancelled"
    std::optional<int> exitCode;     ///< null in the event when empty
};

/// The log of one build as server-sent events; positions are line numbers.
///
/// All viewers share it. Blocks of text are made once and handed out again, so that many viewers at the same place cost
/// no more than one. Events: `output` with one line each, `complete` at the end.
class LogStream final : public EventSource {
public:
    /// `end` when it is known already.
    explicit LogStream(std::shared_ptr<LogFile> log, std::optional<LogEnd> end = {})
        : log_(std::move(log)), end_(std::move(end))
    {
    }

    EventBlock at(std::uint64_t position) override;
    std::shared_ptr<void> subscribe(std::function<void()> wake) override { return listeners_.add(std::move(wake)); }

    /// There may be new lines.
    void wake();
    /// There will be no more lines. What is said first counts.
    void end(LogEnd end);

private:
    using Block = std::pair<std::shared_ptr<const std::string>, std::uint64_t>;   // text and the place after it
    struct Cache {
        std::map<std::uint64_t, Block> blocks;
        std::deque<std::uint64_t> order;
    };

    std::optional<Block> cached(std::uint64_t position) const;
    Block keep(std::uint64_t position, Block block);

    const std::shared_ptr<LogFile> log_;
    util::Guarded<Cache> cache_;
    util::Guarded<std::optional<LogEnd>> end_;
    util::Listeners listeners_;
};

/// Finds the shared stream of a build. Thread-safe.
class LogStreamHub {
public:
    explicit LogStreamHub(LogStore& logs) : logs_(logs) {}

    /// The same object for all as long as somebody holds it. For a build whose end this hub has not been told since the
    /// start of the farm, call `ended` first, or the stream waits for ever. Throws as `LogStore` does.
    std::shared_ptr<LogStream> stream(const BuildId& build);

    /// After lines were appended to the build's log.
    void appended(const BuildId& build);
    /// After the last line was appended. May be called again; what was said first counts.
    void ended(const BuildId& build, const std::string& status, std::optional<int> exitCode);

private:
    struct State {
        std::map<BuildId, std::weak_ptr<LogStream>> streams;
        std::map<BuildId, LogEnd> ends;        ///< of builds that ended lately
        std::deque<BuildId> endOrder;
        std::size_t sweepAt = 64;
    };

    static void remember(State& state, const BuildId& build, const LogEnd& end);
    static void sweep(State& state);

    LogStore& logs_;
    util::Guarded<State> state_;
};

} // namespace apbfarm::files
