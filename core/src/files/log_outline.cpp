// SPDX-License-Identifier: MIT
#include "files/log_outline.h"

#include "util/terminal_text.h"
#include "util/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace apbfarm::files {

namespace {

constexpr std::size_t kOutlinesKept = 64;
constexpr std::size_t kMostPhases = 4000;
constexpr std::size_t kLongestTitle = 160;
constexpr std::size_t kLinesAtOnce = 20000;
constexpr std::size_t kMostMatches = 500;
constexpr std::uint64_t kMostLinesSearched = 400000;

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

bool containsIgnoringCase(std::string_view text, std::string_view lowered)
{
    const auto equal = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    return std::search(text.begin(), text.end(), lowered.begin(), lowered.end(), equal) != text.end();
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

LogOutline LogOutlines::of(const BuildId& build)
{
    auto outline = state_.with([&](const State& state) {
        const auto found = state.known.find(build);
        return found == state.known.end() ? LogOutline() : found->second;
    });
    const auto before = outline.lines;
    for (;;) {
        const auto page = logs_.read(build, outline.lines, kLinesAtOnce);
        for (const auto& line : page.lines)
            readOn(outline, line);
        if (page.lines.empty() || outline.lines >= page.total)
            break;
    }
    if (outline.lines != before)
        keep(build, outline);
    return outline;
}

void LogOutlines::keep(const BuildId& build, const LogOutline& outline)
{
    state_.with([&](State& state) {
        const auto [entry, isNew] = state.known.try_emplace(build);
        if (isNew)
            state.order.push_back(build);
        if (outline.lines > entry->second.lines)   // else somebody was faster
            entry->second = outline;
        if (state.order.size() > kOutlinesKept) {
            state.known.erase(state.order.front());
            state.order.pop_front();
        }
    });
}

LogMatches findInLog(LogStore& logs, const BuildId& build, std::string_view text, std::uint64_t start)
{
    const auto wanted = util::toLower(text);
    LogMatches found;
    found.next = start;
    for (;;) {
        const auto page = logs.read(build, found.next, kLinesAtOnce);
        found.total = page.total;
        for (const auto& line : page.lines) {
            if (containsIgnoringCase(line, wanted))
                found.lines.push_back(found.next);
            ++found.next;
            if (found.lines.size() == kMostMatches)
                return found;
        }
        if (page.lines.empty() || found.next >= page.total || found.next - start >= kMostLinesSearched)
            return found;
    }
}

} // namespace apbfarm::files
