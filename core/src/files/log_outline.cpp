// SPDX-License-Identifier: MIT
#include "files/log_outline.h"

#include "util/text.h"

#include <algorithm>
#include <cctype>

namespace apbfarm::files {

namespace {

constexpr std::size_t kOutlinesKept = 64;
constexpr std::size_t kLinesAtOnce = 20000;
constexpr std::size_t kMostMatches = 500;
constexpr std::uint64_t kMostLinesSearched = 400000;

bool containsIgnoringCase(std::string_view text, std::string_view lowered)
{
    const auto equal = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    return std::search(text.begin(), text.end(), lowered.begin(), lowered.end(), equal) != text.end();
}

} // namespace

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
