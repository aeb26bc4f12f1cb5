// SPDX-License-Identifier: MIT
#include "files/log_outline.h"

#include "util/terminal_text.h"
#include "util/text.h"

#include <algorithm>
#include <array>

namespace apbfarm::files {

namespace {

constexpr std::size_t kMostPhases = 4000;
constexpr std::size_t kLongestTitle = 160;

/// Errors stand near the start of a line or behind a file name; what comes later is somebody's argument.
constexpr std::size_t kLookedAt = 400;

/// Cheap, for a million lines: one of these stands in every line that `isError` takes, whatever its case.
bool mayBeError(std::string_view line)
{
    constexpr std::array<std::string_view, 12> hints{"rror", "RROR", "atal", "ATAL", "undefined ref", "not found",
                                                     "raceback", "o such file", "anic:", "PANIC:", "annot find -l", "ailed to"};
    return std::ranges::any_of(hints, [&](auto hint) { return line.find(hint) != line.npos; });
}

bool isError(std::string_view line)
{
    constexpr std::array<std::string_view, 11> signs{
        "error:", "fatal error", "fatal:", "undefined reference", "command not found", "traceback (most recent",
        "no such file or directory", "panic:", "] error ", "cannot find -l", "failed to"};
    const auto text = util::toLower(line.substr(0, kLookedAt));
    return std::ranges::any_of(signs, [&](auto sign) { return text.find(sign) != text.npos; });
}

} // namespace

void readOn(LogOutline& outline, std::string_view raw)
{
    constexpr std::string_view arrow = "==> ";
    const auto number = outline.lines++;
    const auto line = raw.find('\x1b') == raw.npos ? std::string(raw.substr(0, kLookedAt)) : util::withoutEscapes(raw);
    if (line.starts_with(arrow)) {
        const auto title = std::string_view(line).substr(arrow.size());
        if (title.starts_with("ERROR:"))
            outline.failure = outline.failure.value_or(number);
        if (outline.phases.size() < kMostPhases)
            outline.phases.push_back({number, util::oneLine(title, kLongestTitle)});
    } else if (!outline.firstError && !outline.failure && mayBeError(line) && isError(line)) {
        outline.firstError = number;
    }
}

} // namespace apbfarm::files
