// SPDX-License-Identifier: MIT
#include "api/page_views.h"

#include "api/page_views_text.h"

#include <algorithm>

namespace apbfarm::api {

namespace {

constexpr std::size_t kGuestLogLines = 100;     // Z6
constexpr std::size_t kLogLines = 500;          // without script; with it the log view shows all
constexpr std::uint64_t kBeforeError = 6, kAfterError = 4;
constexpr std::uint64_t kBeforeFailure = 14;

/// Lines `first` up to `end` as rows with their numbers, counted from 1.
std::vector<View> rows(files::LogStore& logs, const BuildId& id, std::uint64_t first, std::uint64_t end,
                       std::optional<std::uint64_t> error = {})
{
    std::vector<View> list;
    for (const auto& line : logs.read(id, first, end - first).lines) {
        const auto number = first + list.size();
        View row;
        row.number("number", static_cast<std::int64_t>(number + 1)).lines("line", words::logLine(line));
        list.push_back(std::move(row.flag("isError", error == number)));
    }
    return list;
}

View excerpt(const char* id, const char* title, std::vector<View> lines)
{
    View view;
    view.text("excerptId", id).text("excerptTitle", title).list("excerptLines", std::move(lines));
    return view;
}

} // namespace

View BuildView::logOf(const BuildId& id)
{
    const auto total = context_.logs.lineCount(id);
    const auto most = viewer_ ? kLogLines : kGuestLogLines;
    const auto first = total > most ? total - most : 0;
    auto lines = rows(context_.logs, id, first, total);
    View view;
    view.number("logShown", static_cast<std::int64_t>(lines.size())).number("logTotal", static_cast<std::int64_t>(total));
    view.number("logFirst", viewer_ ? 0 : static_cast<std::int64_t>(first));
    view.flag("logCut", first > 0).flag("hasLog", !lines.empty()).list("logLines", std::move(lines));
    return view;
}

/// Why it failed, before anything else: the first error and what stood before the end. Guests see no more of the log
/// than its last lines (Z6).
void BuildView::addExcerpts(View& view, const Build& build)
{
    std::vector<View> excerpts;
    if (build.state == BuildState::Failed && context_.logs.lineCount(build.id) > 0) {
        const auto outline = context_.outlines.of(build.id);
        const auto seenFrom = viewer_ || outline.lines <= kGuestLogLines ? 0 : outline.lines - kGuestLogLines;
        const auto end = outline.failure ? *outline.failure + 1 : outline.lines;
        const auto last = std::max(seenFrom, end > kBeforeFailure ? end - kBeforeFailure : 0);
        const auto error = outline.firstError.value_or(end);
        if (error >= seenFrom && error < end) {
            const auto first = std::max(seenFrom, error > kBeforeError ? error - kBeforeError : 0);
            const auto until = std::min(error + kAfterError + 1, outline.lines);
            excerpts.push_back(excerpt("first-error", "The first error", rows(context_.logs, build.id, first, until, error)));
        }
        if (end > last && (error >= end || error + kAfterError + 1 < end))
            excerpts.push_back(excerpt("at-the-end", "Before it failed",
                                       rows(context_.logs, build.id, last, end, outline.failure)));
    }
    view.list("excerpts", std::move(excerpts));
}

/// What makepkg does now: the last phase it announced.
void BuildView::addPhase(View& view, const Build& build)
{
    std::string phase;
    if (statusOf(build.state) == BuildStatus::Building)
        if (const auto outline = context_.outlines.of(build.id); !outline.phases.empty())
            phase = outline.phases.back().title;
    view.text("phase", phase);
}

} // namespace apbfarm::api
