// SPDX-License-Identifier: MIT
#include "api/page_routes.h"

#include "api/build_filter.h"
#include "api/query.h"
#include "api/route_notes.h"

#include <algorithm>
#include <array>

namespace apbfarm::api {

namespace {

/// The parts of the dashboard that have an address of their own.
constexpr std::array<std::string_view, 3> kTabs{"servers", "builds", "statistics"};

void requireTab(std::string_view tab)
{
    if (std::ranges::find(kTabs, tab) == kTabs.end())
        throw NotFound("The dashboard has no part of that name", "page_not_found");
}

} // namespace

PageRoutes::PageRoutes(const PageSite& site, std::shared_ptr<ChangeFeed> changes)
    : site_(site), context_(site.context()), changes_(std::move(changes))
{
}

void PageRoutes::declare(RouteTable& routes)
{
    const auto add = [&](Method method, const char* pattern, Handler handler, const char* summary,
                         RouteNotes notes = notes::page()) {
        const auto body = notes.body.empty() ? BodyKind::None : BodyKind::Form;
        routes.add({.method = method, .pattern = pattern, .access = Access::Guest, .handler = std::move(handler),
                    .body = body, .summary = summary, .notes = std::move(notes)});
    };
    add(Method::Get, "/", [](auto&, auto& out) { PageSite::redirect(out, "/dashboard"); }, "Leads to the dashboard",
        notes::redirection());
    add(Method::Get, "/dashboard", page(&PageRoutes::dashboard), "The farm at a glance, as a page", notes::dashboardPage());
    add(Method::Get, "/dashboard/{tab}", page(&PageRoutes::dashboardTab), "One part of the dashboard",
        notes::dashboardPage());
    add(Method::Get, "/dashboard/builds", page(&PageRoutes::builds), "Builds, newest first, with filters",
        notes::buildsPage());
    add(Method::Get, "/dashboard/builds/{page}", page(&PageRoutes::builds), "Builds, further back", notes::buildsPage());
    add(Method::Get, "/dashboard/fragment", page(&PageRoutes::dashboardPart), "The changing part of the dashboard");
    add(Method::Get, "/dashboard/fragment/builds", page(&PageRoutes::buildsPart), "A list of builds, as on the page",
        notes::buildsFragment());
    add(Method::Get, "/dashboard/packages", page(&PageRoutes::packages), "Last results by package and architecture",
        notes::packagesPage());
    add(Method::Get, "/dashboard/fragment/packages", page(&PageRoutes::packagesPart), "The same, without its frame",
        notes::packagesPage());
    add(Method::Get, "/build/{id}/status", page(&PageRoutes::build), "A build as a page, or as JSON with format=json",
        notes::buildStatusPage());
    add(Method::Get, "/build/{id}/fragment", page(&PageRoutes::buildPart), "The changing part of a build's page");
    add(Method::Get, "/events", page(&PageRoutes::events), "Tells open pages what changed, as server-sent events",
        notes::changes());
    add(Method::Get, "/login", page(&PageRoutes::loginForm), "The log-in page", notes::logInPage());
    add(Method::Post, "/login", page(&PageRoutes::login), "Start a browser session", notes::logInForm());
    add(Method::Post, "/logout", page(&PageRoutes::logout), "End a browser session", notes::redirection());
    const auto& files = site_.files();
    add(Method::Get, "/static/{file}", [&files](auto& in, auto& out) { files.send(in.param("file"), in, out); },
        "Style sheets, scripts and pictures of the pages", notes::file("text/css"));
    add(Method::Get, "/favicon.ico", [&files](auto& in, auto& out) { files.send("favicon.svg", in, out); },
        "The picture that browsers ask for", notes::file("image/svg+xml"));
}

Handler PageRoutes::page(Member member) const
{
    return site_.page([this, member](const auto& in, auto& out) { (this->*member)(in, out); });
}

void PageRoutes::dashboard(const HttpRequest& request, HttpResponse& response) const
{
    if (const auto tab = request.query("tab"))
        return toTab(*tab, request, response);
    auto view = site_.frame(request, "Farm", Section::Farm);
    DashboardView parts(context_, request.principal());
    view.add(parts.farm()).add(parts.builds(BuildFilter::of(request))).text("listTab", "");
    view.flag("refreshes", true).flag("loggedOut", request.query("logged_out") && !request.principal());
    site_.sendPage(response, "dashboard", view);
}

void PageRoutes::dashboardTab(const HttpRequest& request, HttpResponse& response) const
{
    requireTab(request.param("tab"));
    dashboard(request, response);
}

/// Bookmarks of older farms: "/dashboard?tab=builds&page=3" (client expectations 9).
void PageRoutes::toTab(std::string_view tab, const HttpRequest& request, HttpResponse& response)
{
    requireTab(tab);
    const bool paged = tab == "builds" && request.query("page");
    const auto page = paged ? "/" + std::to_string(BuildFilter::of(request).page) : std::string();
    PageSite::redirect(response, "/dashboard/" + std::string(tab) + page, 301);
}

void PageRoutes::dashboardPart(const HttpRequest& request, HttpResponse& response) const
{
    site_.sendPart(response, "dashboard_live", DashboardView(context_, request.principal()).farm());
}

void PageRoutes::builds(const HttpRequest& request, HttpResponse& response) const
{
    auto view = site_.frame(request, "Builds", Section::Builds);
    view.add(DashboardView(context_, request.principal()).builds(BuildFilter::of(request))).text("listTab", "/builds");
    view.flag("refreshes", true);
    site_.sendPage(response, "builds", view);
}

void PageRoutes::buildsPart(const HttpRequest& request, HttpResponse& response) const
{
    auto view = DashboardView(context_, request.principal()).builds(BuildFilter::of(request));
    view.text("listTab", request.query("of").value_or("") == "builds" ? "/builds" : "");
    site_.sendPart(response, "recent_builds", view);
}

void PageRoutes::packages(const HttpRequest& request, HttpResponse& response) const
{
    auto view = site_.frame(request, "Packages", Section::Packages);
    view.add(PackagesView(context_).of(BuildFilter::of(request).package)).flag("refreshes", true);
    site_.sendPage(response, "packages", view);
}

void PageRoutes::packagesPart(const HttpRequest& request, HttpResponse& response) const
{
    site_.sendPart(response, "package_matrix", PackagesView(context_).of(BuildFilter::of(request).package));
}

void PageRoutes::build(const HttpRequest& request, HttpResponse& response) const
{
    const auto format = request.query("format").value_or("html");
    if (format == "json")
        return context_.statusJson(request, response);
    if (format != "html")
        throw InvalidInput("format must be html or json", "invalid_parameter", {{"format", "must be html or json"}});
    const auto id = request.param("id");
    const auto found = context_.reader.get(id);
    const auto title = json::displayName(found) + ", " + std::string(toText(statusOf(found.state)));
    auto view = site_.frame(request, title, Section::Builds);
    BuildView pages(context_, request.principal());
    view.add(pages.of(id)).add(pages.logOf(found.id));
    view.flag("refreshes", !isFinal(found.state)).flag("isBuildPage", true);
    site_.sendPage(response, "build", view);
}

void PageRoutes::buildPart(const HttpRequest& request, HttpResponse& response) const
{
    site_.sendPart(response, "build_live", BuildView(context_, request.principal()).of(request.param("id")));
}

void PageRoutes::events(const HttpRequest& request, HttpResponse& response) const
{
    const auto last = util::parseUnsigned(request.header("Last-Event-ID").value_or(""));
    const auto now = changes_->now();
    // A number from before a restart is no place in this stream.
    response.stream(changes_, last && *last <= now ? *last : now);
}

} // namespace apbfarm::api
