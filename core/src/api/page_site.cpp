// SPDX-License-Identifier: MIT
#include "api/page_site.h"

#include "api/session_gate.h"
#include "http/error_mapping.h"

namespace apbfarm::api {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const std::vector<std::string> kPages{"dashboard", "builds", "packages", "build", "login", "error",
                                      "my", "submit", "statistics", "admin_overview", "admin_users", "admin_mail",
                                      "admin_servers", "admin_store", "admin_repositories", "admin_tasks", "admin_plugins", "admin_audit", "admin_settings"};
const std::vector<std::string> kParts{"dashboard_live", "recent_builds", "package_matrix", "build_live", "feed", "my_live",
                                      "admin_overview", "admin_users", "admin_mail", "admin_servers", "admin_store", "admin_repositories", "admin_tasks",
                                      "admin_plugins", "admin_audit", "admin_settings",
                                      "badge"};
const std::vector<std::string> kStaticFiles{"style.css", "app.js", "build.js", "forms.js", "log_lines.js", "log_text.js",
                                            "log_view.js", "morph.js", "submit.js", "own_request.js", "favicon.svg"};

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

PageSite::PageSite(PageContext context, const std::filesystem::path& webDirectory)
    : context_(std::move(context)), files_(webDirectory / "static", kStaticFiles),
      templates_(webDirectory / "templates", kPages, kParts)
{
}

Handler PageSite::page(Handler handler) const
{
    return [this, handler = std::move(handler)](const HttpRequest& request, HttpResponse& response) {
        try {
            handler(request, response);
        } catch (const Error& problem) {
            if (request.query("format").value_or("") == "json")
                throw;
            error(problem, request, response);
        }
    };
}

void PageSite::error(const std::exception& error, const HttpRequest& request, HttpResponse& response) const
{
    const auto status = http::statusFor(error);
    const auto* known = dynamic_cast<const Error*>(&error);
    const std::string title = known ? known->title() : "Something went wrong";
    auto view = frame(request, title, Section::None);
    view.number("status", status).text("headline", title).flag("askLogin", status == 401);
    const auto place = request.target().substr(0, request.target().find('?'));
    view.text("from", place == "/my" ? "my" : place == "/submit" ? "submit" : place.starts_with("/admin") ? "admin" : "");
    view.text("detail", known ? known->what() : "The farm could not answer. Its log says more.");
    view.text("requestId", request.requestId());
    sendPage(response, "error", view, status);
}

View PageSite::frame(const HttpRequest& request, std::string_view title, Section section) const
{
    const auto* viewer = request.principal();
    const bool authOff = context_.sessions.isAuthOff();
    View view;
    view.text("title", title).text("version", context_.version).text("assets", files_.version());
    view.text("csrf", viewer ? csrfTokenFor(request) : std::string());
    view.flag("signedIn", viewer != nullptr).flag("isAdmin", viewer && viewer->role == Role::Admin);
    view.flag("maySignIn", !viewer && !authOff).flag("maySignOut", viewer && !authOff);
    view.text("viewer", viewer ? viewer->username : std::string());
    view.text("role", viewer ? toText(viewer->role) : std::string_view());
    view.flag("refreshes", false).flag("isBuildPage", false);
    view.flag("atFarm", section == Section::Farm).flag("atBuilds", section == Section::Builds);
    view.flag("atPackages", section == Section::Packages).flag("atStatistics", section == Section::Statistics);
    view.flag("atSubmit", section == Section::Submit).flag("atMy", section == Section::My);
    view.flag("atAdmin", section == Section::Admin);
    return view;
}

void PageSite::sendPage(HttpResponse& response, std::string_view name, const View& view, int status) const
{
    send(response, status, templates_.page(name, view));
}

void PageSite::sendPart(HttpResponse& response, std::string_view name, const View& view) const
{
    send(response, 200, templates_.part(name, view));
}

void PageSite::redirect(HttpResponse& response, std::string_view location, int status)
{
    response.header("Location", location);
    response.header("Cache-Control", "no-store");
    response.send(status, "text/plain; charset=utf-8", "");
}

void PageSite::send(HttpResponse& response, int status, std::string html) const
{
    response.header("Content-Security-Policy", kPolicy);
    response.header("Cache-Control", "no-store");
    response.html(status, std::move(html));
}

} // namespace apbfarm::api
