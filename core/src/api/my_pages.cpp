// SPDX-License-Identifier: MIT
#include "api/my_pages.h"

#include "api/page_views_text.h"
#include "api/route_notes.h"
#include "util/json_writer.h"
#include "util/text.h"

#include <limits>
#include <set>

namespace apbfarm::api {

namespace {

constexpr int kLookedThrough = 200;      // own builds, for what needs attention
constexpr std::size_t kAttentionShown = 10;

/// Failed, and not built since: newest first.
std::vector<View> needingAttention(const std::vector<Build>& builds)
{
    std::set<std::pair<std::string, std::string>> seen;
    std::vector<View> list;
    for (const auto& build : builds) {
        if (!isFinal(build.state) || !seen.insert({build.pkgname, build.architecture}).second)
            continue;
        if (build.state != BuildState::Failed || list.size() == kAttentionShown)
            continue;
        auto item = briefly(build);
        words::addTime(item, "ended", build.endedAt);
        list.push_back(std::move(item.text("reason", build.reason)));
    }
    return list;
}

/// "2:1.0-1"; empty when only running the PKGBUILD would tell.
std::string versionOf(const package::PackageInfo& info)
{
    if (info.pkgver.empty())
        return {};
    return (info.epoch.empty() ? "" : info.epoch + ":") + info.pkgver + (info.pkgrel.empty() ? "" : "-" + info.pkgrel);
}

} // namespace

void MyPages::declare(RouteTable& routes, std::uint64_t maxUpload)
{
    const auto add = [&](Method method, const char* pattern, auto member, const char* summary, RouteNotes notes) {
        routes.add({.method = method, .pattern = pattern, .access = Access::User,
                    .handler = site_.page([this, member](const auto& in, auto& out) { (this->*member)(in, out); }),
                    .summary = summary, .notes = std::move(notes)});
    };
    add(Method::Get, "/my", &MyPages::my, "One's own builds, account and sessions, as a page", notes::ownPage());
    add(Method::Get, "/my/fragment", &MyPages::myPart, "The changing part of one's own page", notes::ownPage());
    add(Method::Get, "/submit", &MyPages::submit, "The page to submit builds with", notes::page());
    const auto json = [&](Route route, auto member) {
        route.handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); };
        routes.add(std::move(route));
    };
    json({.method = Method::Post, .pattern = "/submit/preview", .access = Access::User, .handler = {},
          .body = BodyKind::Form, .summary = "What the farm reads from a package's sources, without building them",
          .maxBody = maxUpload, .notes = notes::submitPreview()}, &MyPages::preview);
    json({.method = Method::Delete, .pattern = "/auth/my/sessions/{session}", .access = Access::User, .handler = {},
          .summary = "End one of one's own sessions", .notes = notes::endSession()}, &MyPages::endSession);
}

View MyPages::buildsOf(const HttpRequest& request) const
{
    const auto& context = site_.context();
    BuildQuery query;
    query.owner = request.principal()->id;
    query.limit = kLookedThrough;
    const auto builds = context.store.list(query);
    auto filter = BuildFilter::of(request);
    filter.user = request.principal()->username;
    auto view = DashboardView(context, request.principal()).builds(filter);
    auto attention = needingAttention(builds);
    view.flag("needsAttention", !attention.empty()).list("attention", std::move(attention));
    return view.text("listTab", "/builds");
}

View MyPages::sessionsOf(const Principal& who) const
{
    std::vector<View> rows;
    for (const auto& session : sessions_.sessionsOf(who.id)) {
        View row;
        row.number("session", session.token).flag("isThis", session.token == who.token);
        words::addTime(row, "begun", session.createdAt);
        words::addTime(row, "used", session.lastUsedAt);
        words::addTime(row, "expires", session.expiresAt);
        rows.insert(rows.begin(), std::move(row));
    }
    View view;
    return view.list("sessions", std::move(rows));
}

void MyPages::my(const HttpRequest& request, HttpResponse& response) const
{
    const auto user = sessions_.me(*request.principal());
    auto view = site_.frame(request, "My page", Section::My);
    view.add(buildsOf(request)).add(sessionsOf(*request.principal()));
    view.text("passwordElsewhere", users_.passwordKeptElsewhere(user.id));
    view.text("email", user.email).flag("getsMail", user.emailNotifications).flag("refreshes", true);
    site_.sendPage(response, "my", view);
}

void MyPages::myPart(const HttpRequest& request, HttpResponse& response) const
{
    site_.sendPart(response, "my_live", buildsOf(request).add(sessionsOf(*request.principal())));
}

void MyPages::submit(const HttpRequest& request, HttpResponse& response) const
{
    auto view = site_.frame(request, "Submit", Section::Submit);
    std::vector<View> available;
    for (const auto& architecture : site_.context().fleet.availableArchitectures()) {
        View item;
        available.push_back(std::move(item.text("name", architecture)));
    }
    site_.sendPage(response, "submit", view.list("available", std::move(available)));
}

void MyPages::preview(const HttpRequest& request, HttpResponse& response) const
{
    const auto info = builds_.inspect(submitRequestFrom(request));
    util::JsonWriter out;
    out.beginObject().member("pkgname", info.pkgname).member("pkgnames", info.pkgnames);
    out.member("version", versionOf(info)).member("warnings", info.warnings);
    out.member("architectures", info.architectures);
    out.member("available_architectures", site_.context().fleet.availableArchitectures()).endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

void MyPages::endSession(const HttpRequest& request, HttpResponse& response) const
{
    const auto& who = *request.principal();
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto session = util::parseUnsigned(request.param("session"), most);
    if (!session || !sessions_.endSession(who, static_cast<std::int64_t>(*session), std::string(request.clientAddress()),
                                          std::string(request.requestId())))
        throw NotFound("You have no such session", "session_not_found", "Session not found");
    util::JsonWriter out;
    out.beginObject().member("message", "The session has ended").endObject();
    response.json(200, out.take());
}

} // namespace apbfarm::api
