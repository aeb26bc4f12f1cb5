// SPDX-License-Identifier: MIT
#include "api/statistics_page.h"

#include "api/page_views_text.h"
#include "api/query.h"
#include "api/route_notes.h"

#include <algorithm>
#include <array>

namespace apbfarm::api {

namespace {

constexpr std::array kSpans{7, 30, 90, 365};
constexpr std::int64_t kPlotWidth = 720, kPlotHeight = 160;
constexpr std::size_t kUsersShown = 20;

std::string seconds(double length)
{
    return words::duration(std::chrono::seconds(static_cast<std::int64_t>(length)));
}

std::string dayName(std::int64_t day)
{
    return util::isoTime(static_cast<double>(day * 86400)).substr(0, 10);
}

View rowOf(std::string_view name, const service::BuildCounts& counts, std::int64_t most)
{
    View row;
    const auto success = counts.successPercent();
    row.text("rowName", name).number("submitted", counts.submitted).number("completed", counts.completed);
    row.number("failed", counts.failed).number("cancelled", counts.cancelled);
    row.text("success", success ? std::to_string(*success) + " %" : std::string());
    row.text("wait", counts.started > 0 ? seconds(counts.averageWait()) : "");
    row.text("build", counts.ended > 0 ? seconds(counts.averageBuild()) : "");
    return row.number("share", most > 0 ? 100 * counts.submitted / most : 0);
}

template <class Key> std::int64_t mostOf(const std::map<Key, service::BuildCounts>& all)
{
    std::int64_t most = 0;
    for (const auto& [key, counts] : all)
        most = std::max(most, counts.submitted);
    return most;
}

service::BuildCounts countsOf(const service::BuildStatistics& statistics, std::int64_t day)
{
    const auto found = statistics.byDay.find(day);
    return found == statistics.byDay.end() ? service::BuildCounts() : found->second;
}

/// A bar per day, the results on top of each other.
View dayBar(const service::BuildStatistics& statistics, int index, std::int64_t most)
{
    const auto day = statistics.firstDay + index;
    const auto counts = countsOf(statistics, day);
    const auto x = kPlotWidth * index / statistics.days, next = kPlotWidth * (index + 1) / statistics.days;
    const auto height = [&](std::int64_t count) { return most > 0 ? kPlotHeight * count / most : 0; };
    const auto good = height(counts.completed), bad = height(counts.failed);
    const auto rest = height(counts.submitted) - good - bad;
    View bar;
    bar.text("day", dayName(day)).number("x", x).number("w", std::max<std::int64_t>(1, next - x - 1));
    bar.number("goodY", kPlotHeight - good).number("goodH", good);
    bar.number("badY", kPlotHeight - good - bad).number("badH", bad);
    bar.number("restY", kPlotHeight - good - bad - rest).number("restH", rest);
    bar.number("submitted", counts.submitted).number("completed", counts.completed).number("failed", counts.failed);
    bar.text("wait", seconds(counts.averageWait())).text("build", seconds(counts.averageBuild()));
    return bar;
}

/// "0,160 10,22": a line over the days that have something to show.
std::string points(const service::BuildStatistics& statistics, double (service::BuildCounts::*value)() const, double most)
{
    std::string text;
    for (int index = 0; index < statistics.days; ++index) {
        const auto counts = countsOf(statistics, statistics.firstDay + index);
        if (counts.started == 0 && counts.ended == 0)
            continue;
        const auto x = kPlotWidth * (2 * index + 1) / (2 * statistics.days);
        const auto y = kPlotHeight - static_cast<std::int64_t>((counts.*value)() / most * kPlotHeight);
        text += (text.empty() ? "" : " ") + std::to_string(x) + "," + std::to_string(y);
    }
    return text;
}

} // namespace

View StatisticsView::of(const service::BuildStatistics& statistics)
{
    const auto& all = statistics.all;
    const auto success = all.successPercent();
    View view;
    view.number("days", statistics.days).number("submitted", all.submitted).number("completed", all.completed);
    view.number("failed", all.failed).number("cancelled", all.cancelled);
    view.text("success", success ? std::to_string(*success) + " %" : "none yet");
    view.text("wait", seconds(all.averageWait())).text("build", seconds(all.averageBuild()));
    words::addTime(view, "counted", statistics.at);
    std::vector<View> architectures;
    const auto most = mostOf(statistics.byArchitecture);
    for (const auto& [name, counts] : statistics.byArchitecture)
        architectures.push_back(rowOf(name.empty() ? "unknown" : name, counts, most));
    view.list("byArchitecture", std::move(architectures)).list("byServer", servers(statistics));
    view.flag("withUsers", withUsers_).list("byUser", users(statistics)).flag("hasBuilds", all.submitted > 0);
    addPlots(view, statistics);
    return view;
}

void StatisticsView::addPlots(View& view, const service::BuildStatistics& statistics) const
{
    const auto most = std::max<std::int64_t>(1, mostOf(statistics.byDay));
    double longest = 1;
    for (const auto& [day, counts] : statistics.byDay)
        longest = std::max({longest, counts.averageWait(), counts.averageBuild()});
    std::vector<View> bars;
    for (int index = 0; index < statistics.days; ++index)
        bars.push_back(dayBar(statistics, index, most));
    view.number("mostPerDay", most).text("longest", seconds(longest)).list("bars", std::move(bars));
    view.text("firstDay", dayName(statistics.firstDay)).text("lastDay", dayName(statistics.firstDay + statistics.days - 1));
    view.text("waitPoints", points(statistics, &service::BuildCounts::averageWait, longest));
    view.text("buildPoints", points(statistics, &service::BuildCounts::averageBuild, longest));
}

std::vector<View> StatisticsView::servers(const service::BuildStatistics& statistics) const
{
    std::vector<View> rows;
    const auto most = mostOf(statistics.byServer);
    for (const auto& [server, counts] : statistics.byServer)
        rows.push_back(rowOf(realAddresses_ ? server : fleet::obfuscated(server), counts, most));
    return rows;
}

std::vector<View> StatisticsView::users(const service::BuildStatistics& statistics) const
{
    if (!withUsers_)
        return {};
    std::vector<std::pair<std::int64_t, UserId>> busiest;
    for (const auto& [user, counts] : statistics.byUser)
        busiest.emplace_back(-counts.submitted, user);
    std::ranges::sort(busiest);
    UserNames names(context_.users);
    std::vector<View> rows;
    for (const auto& [count, user] : busiest)
        if (rows.size() < kUsersShown)
            rows.push_back(rowOf(names.of(user), statistics.byUser.at(user), -busiest.front().first));
    return rows;
}

void StatisticsPage::declare(RouteTable& routes)
{
    routes.add({.method = Method::Get, .pattern = "/dashboard/statistics", .access = Access::Guest,
                .handler = site_.page([this](const auto& in, auto& out) { show(in, out); }),
                .summary = "How many builds, how long they wait and take, and how they end",
                .notes = notes::statisticsPage()});
}

void StatisticsPage::show(const HttpRequest& request, HttpResponse& response) const
{
    const auto asked = static_cast<int>(numberFrom(request, "days", 30, 1, 365));
    // Few different spans are counted, whatever is asked for.
    const auto days = *std::ranges::lower_bound(kSpans, asked);
    const auto* viewer = request.principal();
    auto view = site_.frame(request, "Statistics", Section::Statistics);
    std::vector<View> spans;
    for (const auto span : kSpans) {
        View item;
        spans.push_back(std::move(item.number("span", span).flag("isSpan", span == days)));
    }
    view.list("spans", std::move(spans));
    view.add(StatisticsView(site_.context(), viewer && viewer->role == Role::Admin, viewer != nullptr)
                 .of(*statistics_.of(days)));
    site_.sendPage(response, "statistics", view);
}

} // namespace apbfarm::api
