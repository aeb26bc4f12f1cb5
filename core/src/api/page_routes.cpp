// SPDX-License-Identifier: MIT
#include "api/page_routes.h"

#include "api/query.h"
#include "api/session_gate.h"
#include "http/error_mapping.h"

#include <algorithm>
#include <array>

namespace apbfarm::api {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Twenty builds each; older ones are found by package and user, not by leafing.
constexpr std::uint64_t kLastPage = 50000;

/// The parts of the dashboard that have an address of their own.
constexpr std::array<std::string_view, 3> kTabs{"servers", "builds", "statistics"};

std::uint64_t pageFrom(const HttpRequest& request)
{
    const auto inPath = request.param("page");
    return inPath.empty() ? numberFrom(request, "page", 1, 1, kLastPage)
                          : checkedNumber("page", inPath, 1, kLastPage);
}

void requireTab(std::string_view tab)
{
    if (std::ranges::find(kTabs, tab) == kTabs.end())
        throw NotFound("The dashboard has no part of that name", "page_not_found");
}

} // namespace

std::vector<std::pair<std::string, std::string>> browserHeaders()
{
    return {{"Content-Security-Policy", std::string(kPolicy)},
            {"X-Content-Type-Options", "nosniff"},
            {"Referrer-Policy", "no-referrer"},
            {"Cross-Origin-Opener-Policy", "same-origin"},
            {"Cross-Origin-Resource-Policy", "same-origin"},
            {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"}};
}

PageRoutes::PageRoutes(PageContext context, const std::filesystem::path& webDirectory)
    : context_(std::move(context)),
      files_(webDirectory / "static", {"style.css", "app.js", "build.js", "own_request.js", "favicon.svg"}),
      templates_(webDirectory / "templates", {"dashboard", "build", "login", "error"}, {"dashboard_live", "build_live"})
{
}

void PageRoutes::declare(RouteTable& routes)
{
    const auto add = [&](Method method, const char* pattern, Handler handler, const char* summary,
                         BodyKind body = BodyKind::None) {
        routes.add({.method = method, .pattern = pattern, .access = Access::Guest, .handler = std::move(handler),
                    .body = body, .summary = summary});
    };
    add(Method::Get, "/", [](auto&, auto& out) { redirect(out, "/dashboard"); }, "Leads to the dashboard");
    add(Method::Get, "/dashboard", page(&PageRoutes::dashboard), "The farm at a glance, as a page");
    add(Method::Get, "/dashboard/{tab}", page(&PageRoutes::dashboardTab), "One part of the dashboard");
    add(Method::Get, "/dashboard/builds/{page}", page(&PageRoutes::dashboard), "Recent builds, further back");
    add(Method::Get, "/dashboard/fragment", page(&PageRoutes::dashboardPart), "The changing part of the dashboard");
    add(Method::Get, "/build/{id}/status", page(&PageRoutes::build), "A build as a page, or as JSON with format=json");
    add(Method::Get, "/build/{id}/fragment", page(&PageRoutes::buildPart), "The changing part of a build's page");
    add(Method::Get, "/login", page(&PageRoutes::loginForm), "The log-in page");
    add(Method::Post, "/login", page(&PageRoutes::login), "Start a browser session", BodyKind::Form);
    add(Method::Post, "/logout", page(&PageRoutes::logout), "End a browser session");
    add(Method::Get, "/static/{file}", [this](auto& in, auto& out) { files_.send(in.param("file"), in, out); },
        "Style sheets, scripts and pictures of the pages");
    add(Method::Get, "/favicon.ico", [this](auto& in, auto& out) { files_.send("favicon.svg", in, out); },
        "The picture that browsers ask for");
}

/// Errors of a page are pages, too.
Handler PageRoutes::page(Member member) const
{
    return [this, member](const HttpRequest& request, HttpResponse& response) {
        try {
            (this->*member)(request, response);
        } catch (const Error& problem) {
            if (request.query("format").value_or("") == "json")
                throw;
            error(problem, request, response);
        }
    };
}

void PageRoutes::dashboard(const HttpRequest& request, HttpResponse& response) const
{
    if (const auto tab = request.query("tab"))
        return toTab(*tab, request, response);
    auto view = frame(request, "Dashboard");
    view.add(DashboardView(context_, request.principal()).of(pageFrom(request)));
    view.flag("refreshes", true).flag("loggedOut", request.query("logged_out") && !request.principal());
    send(response, 200, templates_.page("dashboard", view));
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
    redirect(response, "/dashboard/" + std::string(tab) + (paged ? "/" + std::to_string(pageFrom(request)) : ""), 301);
}

void PageRoutes::dashboardPart(const HttpRequest& request, HttpResponse& response) const
{
    const auto view = DashboardView(context_, request.principal()).of(pageFrom(request));
    send(response, 200, templates_.part("dashboard_live", view));
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
    auto view = frame(request, json::displayName(found) + ", " + std::string(toText(statusOf(found.state))));
    BuildView pages(context_, request.principal());
    view.add(pages.of(id)).add(pages.logOf(found.id));
    view.flag("refreshes", !isFinal(found.state)).flag("isBuildPage", true);
    send(response, 200, templates_.page("build", view));
}

void PageRoutes::buildPart(const HttpRequest& request, HttpResponse& response) const
{
    const auto view = BuildView(context_, request.principal()).of(request.param("id"));
    send(response, 200, templates_.part("build_live", view));
}

void PageRoutes::error(const std::exception& error, const HttpRequest& request, HttpResponse& response) const
{
    const auto status = http::statusFor(error);
    const auto* known = dynamic_cast<const Error*>(&error);
    const std::string title = known ? known->title() : "Something went wrong";
    auto view = frame(request, title);
    view.number("status", status).text("headline", title).flag("askLogin", status == 401);
    view.text("detail", known ? known->what() : "The farm could not answer. Its log says more.");
    view.text("requestId", request.requestId());
    send(response, status, templates_.page("error", view));
}

View PageRoutes::frame(const HttpRequest& request, std::string_view title) const
{
    const auto* viewer = request.principal();
    const bool authOff = context_.sessions.isAuthOff();
    View view;
    view.text("title", title).text("version", context_.version).text("assets", files_.version());
    view.text("csrf", viewer ? csrfTokenFor(request) : std::string());
    view.flag("signedIn", viewer != nullptr);
    view.flag("maySignIn", !viewer && !authOff).flag("maySignOut", viewer && !authOff);
    view.text("viewer", viewer ? viewer->username : std::string());
    view.text("role", viewer ? toText(viewer->role) : std::string_view());
    view.flag("refreshes", false);
    return view;
}

void PageRoutes::redirect(HttpResponse& response, std::string_view location, int status)
{
    response.header("Location", location);
    response.header("Cache-Control", "no-store");
    response.send(status, "text/plain; charset=utf-8", "");
}

void PageRoutes::send(HttpResponse& response, int status, std::string html) const
{
    response.header("Content-Security-Policy", kPolicy);
    response.header("Cache-Control", "no-store");
    response.html(status, std::move(html));
}

} // namespace apbfarm::api
