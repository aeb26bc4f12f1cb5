// SPDX-License-Identifier: MIT
#include "api/admin_pages.h"

#include "api/page_views_text.h"
#include "api/query.h"
#include "api/route_notes.h"
#include "api/statistics_page.h"

#include <algorithm>

namespace apbfarm::api {

namespace {

constexpr int kAuditPerPage = 50;
constexpr int kOverviewDays = 7;

} // namespace

void AdminPages::declare(RouteTable& routes)
{
    part(routes, "overview", "Administration", &AdminPages::overview);
    part(routes, "users", "Users", &AdminPages::users);
    part(routes, "mail", "Mail", &AdminPages::mail);
    part(routes, "servers", "Servers", &AdminPages::servers);
    part(routes, "store", "Artifact store", &AdminPages::store);
    part(routes, "repositories", "Repositories", &AdminPages::repositories);
    part(routes, "tasks", "Background tasks", &AdminPages::tasks);
    part(routes, "plugins", "Plugins", &AdminPages::plugins);
    part(routes, "audit", "Audit trail", &AdminPages::audit);
    part(routes, "settings", "Settings", &AdminPages::settings);
    declareServerActions(routes);
}

/// A page and the part of it that changes.
void AdminPages::part(RouteTable& routes, const char* name, const char* title, Maker maker)
{
    const auto add = [&](std::string pattern, Handler handler, std::string summary) {
        routes.add({.method = Method::Get, .pattern = std::move(pattern), .access = Access::Admin,
                    .handler = site_.page(std::move(handler)), .summary = std::move(summary),
                    .notes = std::string_view(name) == "audit" ? notes::auditPage() : notes::page()});
    };
    const std::string word(name);
    add(word == "overview" ? "/admin" : "/admin/panel/" + word,
        [this, word, title, maker](const auto& in, auto& out) {
            auto view = site_.frame(in, title, Section::Admin);
            for (const auto* tab : {"overview", "users", "mail", "servers", "store", "repositories", "tasks",
                                  "plugins", "audit", "settings"})
                view.flag("at_" + std::string(tab), word == tab);
            site_.sendPage(out, "admin_" + word, view.add((this->*maker)(in)));
        },
        "The admin panel: " + word);
    add("/admin/panel/fragment/" + word,
        [this, word, maker](const auto& in, auto& out) { site_.sendPart(out, "admin_" + word, (this->*maker)(in)); },
        "The changing part of the admin panel: " + word);
}

View AdminPages::overview(const HttpRequest&) const
{
    std::vector<View> warnings;
    for (const auto& sentence : context_.warnings()) {
        View warning;
        warnings.push_back(std::move(warning.text("warning", sentence)));
    }
    View view;
    view.flag("isCalm", warnings.empty()).list("warnings", std::move(warnings));
    const auto statistics = context_.statistics.of(kOverviewDays);
    view.add(StatisticsView(site_.context(), true, true).of(*statistics));
    view.number("userCount", static_cast<std::int64_t>(context_.users.list().size()));
    view.number("sessionCount", static_cast<std::int64_t>(site_.context().sessions.activeSessions()));
    view.number("queueSize", static_cast<std::int64_t>(site_.context().queue.size()));
    return view;
}

View AdminPages::users(const HttpRequest& request) const
{
    std::vector<View> rows;
    for (const auto& user : context_.users.list()) {
        View row;
        row.number("userId", user.id).text("username", user.username).text("userRole", toText(user.role));
        row.text("email", user.email).flag("isOwn", request.principal()->id == user.id);
        row.flag("isAdministrator", user.role == Role::Admin).flag("getsMail", user.emailNotifications);
        row.number("sessions", static_cast<std::int64_t>(site_.context().sessions.sessionsOf(user.id).size()));
        words::addTime(row, "made", user.createdAt);
        words::addTime(row, "lastLogin", user.lastLogin);
        rows.push_back(std::move(row));
    }
    View view;
    return view.list("users", std::move(rows));
}

/// Filled in from `/admin/smtp` by the page's script: those settings are a plugin's.
View AdminPages::mail(const HttpRequest&) const
{
    return {};
}

View AdminPages::servers(const HttpRequest& request) const
{
    std::vector<View> cards;
    DashboardView dashboard(site_.context(), request.principal());
    for (const auto& server : site_.context().fleet.list()) {
        auto card = dashboard.server(server);
        card.text("group", server.group).flag("isDrained", server.drained);
        card.text("note", context_.care.note(server.snapshot.id));
        words::addTime(card, "failedAt", server.lastFailure);
        std::vector<View> turns;
        for (const auto& turn : context_.care.history(server.snapshot.id)) {
            View item;
            words::addTime(item, "turned", turn.at);
            turns.push_back(std::move(item.text("health", turn.health).text("turnReason", turn.reason)));
        }
        card.list("turns", std::move(turns));
        cards.push_back(std::move(card));
    }
    View view;
    return view.list("servers", std::move(cards));
}

View AdminPages::tasks(const HttpRequest&) const
{
    std::vector<View> rows;
    for (const auto& task : context_.tasks.list()) {
        View row;
        row.text("task", task.name).text("summary", task.summary).number("runs", static_cast<std::int64_t>(task.runs));
        row.number("failures", static_cast<std::int64_t>(task.failures)).flag("hasFailed", task.failures > 0);
        row.text("taskState", task.running > 0 ? "running" : "waiting").text("taskTone", task.running > 0 ? "busy" : "idle");
        row.text("lastDuration", words::milliseconds(task.lastDuration));
        row.text("lastFailure", task.lastFailure);
        words::addTime(row, "lastEnd", task.lastEnd);
        words::addTime(row, "nextRun", task.nextRun);
        words::addTime(row, "lastFailureAt", task.lastFailureAt);
        rows.push_back(std::move(row));
    }
    View view;
    return view.list("tasks", std::move(rows));
}

View AdminPages::plugins(const HttpRequest&) const
{
    std::vector<View> cards;
    for (const auto& extension : context_.extensions()) {
        View card;
        card.text("extension", extension.name).text("plugin", extension.plugin).text("pluginVersion", extension.version);
        card.text("summary", extension.summary).number("calls", static_cast<std::int64_t>(extension.calls));
        card.number("failures", static_cast<std::int64_t>(extension.failures)).flag("hasFailed", extension.failures > 0);
        card.number("slow", static_cast<std::int64_t>(extension.slow)).text("lastFailure", extension.lastFailure);
        words::addTime(card, "lastFailureAt", extension.lastFailureAt);
        std::vector<View> options;
        for (const auto& option : extension.options) {
            View row;
            options.push_back(std::move(row.text("option", option.name).text("value", option.value).text("help", option.help)));
        }
        card.flag("hasOptions", !options.empty()).list("options", std::move(options));
        cards.push_back(std::move(card));
    }
    View view;
    return view.list("plugins", std::move(cards));
}

View AdminPages::audit(const HttpRequest& request) const
{
    const auto page = numberFrom(request, "page", 1, 1, 50000);
    AuditQuery query;
    query.limit = kAuditPerPage + 1;
    query.offset = static_cast<int>((page - 1) * kAuditPerPage);
    const auto events = context_.audit.list(query);
    std::vector<View> rows;
    for (const auto& event : events) {
        if (rows.size() == kAuditPerPage)
            break;
        View row;
        words::addTime(row, "at", event.at);
        row.text("actor", event.actor.empty() ? "the farm" : event.actor).text("action", event.action);
        row.text("target", event.target).text("address", event.address).text("result", event.result);
        rows.push_back(std::move(row.text("requestId", event.requestId)));
    }
    View view;
    view.list("events", std::move(rows)).number("page", static_cast<std::int64_t>(page));
    view.text("newer", page > 1 ? std::to_string(page - 1) : std::string());
    return view.text("older", events.size() > kAuditPerPage ? std::to_string(page + 1) : std::string());
}

View AdminPages::settings(const HttpRequest&) const
{
    std::vector<View> groups, rows;
    std::string current;
    const auto close = [&] {
        View group;
        if (!rows.empty())
            groups.push_back(std::move(group.text("settingsGroup", current).list("settings", std::exchange(rows, {}))));
    };
    for (const auto& setting : context_.settings()) {
        if (setting.group != current)
            close();
        current = setting.group;
        View row;
        row.text("key", setting.key).text("value", setting.value).text("origin", setting.origin).text("help", setting.help);
        rows.push_back(std::move(row.flag("isChanged", !setting.isDefault)));
    }
    close();
    View view;
    return view.list("groups", std::move(groups));
}

} // namespace apbfarm::api
