// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_store.h"
#include "util/guarded.h"

#include <apbfarm/model.h>

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::files {

/// A step of makepkg: the line that announces it ("==> Starting build()...").
struct LogPhase {
    std::uint64_t line = 0;          ///< from 0
    std::string title;               ///< without the arrow; one printable line
};

/// What stands where in a log.
struct LogOutline {
    std::uint64_t lines = 0;                   ///< complete ones, all looked at
    std::vector<LogPhase> phases;              ///< the first few thousand
    std::optional<std::uint64_t> firstError;   ///< the first line that looks like an error of a tool
    std::optional<std::uint64_t> failure;      ///< where makepkg gave up
};

/// Outlines of logs, made when asked for and carried on as logs grow. Thread-safe; reads from the disk.
class LogOutlines {
public:
    explicit LogOutlines(LogStore& logs) : logs_(logs) {}

    /// Throws as `LogStore` does.
    LogOutline of(const BuildId& build);

private:
    struct State {
        std::map<BuildId, LogOutline> known;
        std::list<BuildId> order;
    };

    void keep(const BuildId& build, const LogOutline& outline);

    LogStore& logs_;
    util::Guarded<State> state_;
};

/// Adds what stands in one more line.
void readOn(LogOutline& outline, std::string_view line);

/// Where a text stands in a log, without regard to the case of ASCII letters.
struct LogMatches {
    std::vector<std::uint64_t> lines;
    std::uint64_t next = 0;          ///< where to go on
    std::uint64_t total = 0;         ///< lines in the log; all looked at when equal to `next`
};

/// From line `start` on, until some hundred matches or many lines have been seen, so that a call stays short.
LogMatches findInLog(LogStore& logs, const BuildId& build, std::string_view text, std::uint64_t start);

} // namespace apbfarm::files
