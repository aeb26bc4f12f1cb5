// SPDX-License-Identifier: MIT
#include "api/feed_routes.h"

#include "api/page_views_text.h"
#include "api/route_notes.h"
#include "util/text.h"

namespace apbfarm::api {

namespace {

constexpr int kFeedLength = 50;
constexpr std::size_t kLongestLabel = 60;

/// Of a text in the badge's font, in pixels; a little generous, so that nothing is cut.
std::int64_t widthOf(const std::string& text)
{
    return static_cast<std::int64_t>(text.size()) * 7 + 12;
}

View entryOf(const Build& build)
{
    auto entry = briefly(build);
    const auto when = util::isoTime(toEpoch(build.endedAt ? *build.endedAt : build.createdAt));
    return entry.text("updated", when).text("reason", build.reason);
}

} // namespace

void FeedRoutes::declare(RouteTable& routes)
{
    const auto add = [&](const char* pattern, auto member, const char* summary, RouteNotes notes) {
        routes.add({.method = Method::Get, .pattern = pattern, .access = Access::Guest,
                    .handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); },
                    .summary = summary, .notes = std::move(notes)});
    };
    add("/builds.atom", &FeedRoutes::feed, "Builds, newest first, as an Atom feed; the filters of the list of builds",
        notes::feed());
    add("/build/{id}/badge.svg", &FeedRoutes::buildBadge, "The state of a build as a picture", notes::file("image/svg+xml"));
    add("/badge/{package}", &FeedRoutes::packageBadge,
        "The last result of a package as a picture; arch names an architecture", notes::packageBadge());
}

void FeedRoutes::feed(const HttpRequest& request, HttpResponse& response) const
{
    const auto& context = site_.context();
    const auto filter = BuildFilter::of(request);
    std::vector<View> entries;
    std::string updated = util::isoTime(0);
    if (const auto query = filter.asBuildQuery(context.users, kFeedLength)) {
        const auto builds = context.store.list(*query);
        for (const auto& build : builds)
            entries.push_back(entryOf(build));
        if (!builds.empty())
            updated = util::isoTime(toEpoch(builds.front().endedAt ? *builds.front().endedAt : builds.front().createdAt));
    }
    View view;
    view.text("base", context.publicUrl + "/").text("query", filter.asQuery()).text("updated", updated);
    view.list("entries", std::move(entries));
    response.header("Cache-Control", "no-cache");
    response.send(200, "application/atom+xml; charset=utf-8", site_.rendered("feed", view));
}

void FeedRoutes::buildBadge(const HttpRequest& request, HttpResponse& response) const
{
    const auto build = site_.context().reader.get(request.param("id"));
    sendBadge(response, build.pkgname, &build);
}

void FeedRoutes::packageBadge(const HttpRequest& request, HttpResponse& response) const
{
    BuildQuery query;
    query.pkgname = std::string(request.param("package"));
    if (const auto architecture = request.query("arch"))
        query.architecture = std::string(*architecture);
    query.limit = 1;
    const auto builds = site_.context().store.list(query);
    sendBadge(response, *query.pkgname, builds.empty() ? nullptr : &builds.front());
}

void FeedRoutes::sendBadge(HttpResponse& response, const std::string& label, const Build* build) const
{
    const auto name = util::oneLine(label, kLongestLabel);
    const std::string word(build ? words::of(build->state).word : "unknown");
    const auto left = widthOf(name), right = widthOf(word);
    View view;
    const std::string tone(build ? words::of(build->state).tone : "idle");
    view.text("name", name).text("word", word);
    for (const auto* known : {"good", "bad", "busy", "warn", "idle"})
        view.flag(known, tone == known);
    view.number("left", left).number("right", right).number("width", left + right);
    view.number("leftMiddle", left / 2).number("rightMiddle", left + right / 2);
    response.header("Cache-Control", "no-cache");
    // Shown on other sites; as a picture it can do nothing there.
    response.header("Cross-Origin-Resource-Policy", "cross-origin");
    response.send(200, "image/svg+xml", site_.rendered("badge", view));
}

} // namespace apbfarm::api
