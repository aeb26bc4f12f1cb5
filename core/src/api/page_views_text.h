// SPDX-License-Identifier: MIT
#pragma once

#include "api/template_store.h"
#include "fleet/fleet.h"

#include <apbfarm/model.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Values as people read them.
namespace apbfarm::api::words {

/// "45 s", "3 min 05 s", "1 h 02 min", "2 d 3 h".
std::string duration(std::chrono::seconds length);
/// The same for short ones: "12.3 ms".
std::string milliseconds(std::chrono::microseconds length);
/// The same for an estimate: "under a minute", "about 5 min", "about 2 h".
std::string roughly(std::chrono::seconds length);
/// "512 B", "1.5 MiB".
std::string size(std::int64_t bytes);

/// A state in a word, the tone that its colour goes by, and a sentence when the word does not say it all.
struct State {
    std::string_view word, tone, note;
};
State of(BuildState state);
/// Of a server: how it does, and whether it answered when it was last asked.
State of(const fleet::ServerView& server);

/// Sets `name` ("2024-01-20 10:00:05 UTC") and `nameIso`; both empty without a time.
void addTime(View& view, const std::string& name, const std::optional<Timestamp>& time);

/// Sets `duration`, and `since` (epoch seconds) while it goes on; empty for what never started.
void addDuration(View& view, const Build& build, Timestamp now);

/// Its time limit, when it is not the usual one; else empty.
std::string customLimit(const Build& build);

/// A line of a build's output without what was meant for a terminal: colours, cursor movement, overwritten text (W3).
std::string logLine(std::string_view line);

/// For one segment of a path: everything but letters, digits and `-._~` as %xx.
std::string pathSegment(std::string_view text);

} // namespace apbfarm::api::words
