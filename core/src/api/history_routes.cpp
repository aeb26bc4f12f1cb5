// SPDX-License-Identifier: MIT
#include "api/history_routes.h"

#include "api/json_views.h"
#include "api/query.h"
#include "api/route_notes.h"

#include <algorithm>
#include <utility>

namespace apbfarm::api {

namespace {

BuildQuery queryFrom(const HttpRequest& request, std::uint64_t standard, std::uint64_t most)
{
    BuildQuery query;
    query.limit = static_cast<int>(numberFrom(request, "limit", standard, 1, most));
    if (const auto word = request.query("status"); word && !word->empty()) {
        query.status = buildStatusFromText(*word);
        if (!query.status)
            throw InvalidInput("status must be one of queued, building, completed, failed, cancelled",
                               "invalid_parameter", {{"status", "not a build status"}});
    }
    return query;
}

/// Builds of `pkgname` in the envelope of their lists.
std::string listOf(std::string_view pkgname, const std::vector<Build>& builds)
{
    util::JsonWriter out;
    out.beginObject().member("pkgname", pkgname).key("builds").beginArray();
    for (const auto& build : builds)
        json::listed(out, build, json::Times::Text, false);
    out.endArray().member("total", static_cast<std::uint64_t>(builds.size())).endObject();
    return out.take();
}

bool completedOnly(const HttpRequest& request)
{
    const auto word = request.query("successful_only");
    return !word || checkedFlag("successful_only", *word);
}

void answer(HttpResponse& response, std::string body)
{
    response.header("Cache-Control", "no-store");
    response.json(200, std::move(body));
}

} // namespace

void HistoryRoutes::declare(RouteTable& routes)
{
    const auto add = [&](const char* pattern, Access access, auto member, const char* summary, RouteNotes notes) {
        routes.add({.method = Method::Get, .pattern = pattern, .access = access,
                    .handler = [this, member](auto& in, auto& out) { (this->*member)(in, out); }, .summary = summary,
                    .notes = std::move(notes)});
    };
    using Self = HistoryRoutes;
    add("/builds/latest", Access::Guest, &Self::latest, "The latest builds", notes::latestBuilds());
    add("/builds/pkgname/{pkgname}", Access::Guest, &Self::ofPackage, "The builds of a package", notes::packageBuilds());
    add("/builds/pkgname/{pkgname}/latest", Access::Guest, &Self::latestOfPackage, "The newest build of a package",
        notes::latestOfPackage(false));
    add("/builds/pkgname/{pkgname}/arch/{arch}/latest", Access::Guest, &Self::latestOfPackage,
        "The newest build of a package for an architecture", notes::latestOfPackage(true));
    add("/builds/pkgname/{pkgname}/latest-by-arch", Access::Guest, &Self::latestByArchitecture,
        "The newest build of a package for each architecture", notes::latestByArchitecture());
    add("/my/builds", Access::User, &Self::mine, "Builds of the signed-in user", notes::myBuilds());
}

void HistoryRoutes::latest(const HttpRequest& request, HttpResponse& response)
{
    const auto builds = store_.list(queryFrom(request, 20, 100));
    util::JsonWriter out;
    out.beginObject().key("builds").beginArray();
    for (const auto& build : builds)
        json::listed(out, build, json::Times::Text, false);
    out.endArray().member("total", static_cast<std::uint64_t>(builds.size())).endObject();
    answer(response, out.take());
}

void HistoryRoutes::ofPackage(const HttpRequest& request, HttpResponse& response)
{
    auto query = queryFrom(request, 20, 100);
    query.pkgname = std::string(request.param("pkgname"));
    answer(response, listOf(*query.pkgname, store_.list(query)));
}

/// "any" means any architecture.
void HistoryRoutes::latestOfPackage(const HttpRequest& request, HttpResponse& response)
{
    const auto pkgname = std::string(request.param("pkgname"));
    const auto architecture = request.param("arch");
    const bool all = architecture.empty() || architecture == "any";
    auto builds = store_.latestByArchitecture(pkgname, completedOnly(request));
    if (!all)
        std::erase_if(builds, [&](const Build& build) { return build.architecture != architecture; });
    const auto newest = std::ranges::max_element(builds, {}, [](const Build& b) { return std::pair(b.createdAt, b.sequence); });
    if (newest == builds.end())
        throw NotFound("No builds found for package '" + util::oneLine(pkgname, 128) + "'" +
                           (all ? "" : " (arch=" + util::oneLine(architecture, 64) + ")"),
                       "build_not_found");
    util::JsonWriter out;
    json::listed(out, *newest, json::Times::Text, false);
    answer(response, out.take());
}

void HistoryRoutes::latestByArchitecture(const HttpRequest& request, HttpResponse& response)
{
    const auto pkgname = std::string(request.param("pkgname"));
    answer(response, listOf(pkgname, store_.latestByArchitecture(pkgname, completedOnly(request))));
}

void HistoryRoutes::mine(const HttpRequest& request, HttpResponse& response)
{
    auto query = queryFrom(request, 50, 200);
    query.owner = request.principal()->id;
    const auto builds = store_.list(query);
    util::JsonWriter out;
    out.beginObject().key("builds").beginArray();
    for (const auto& build : builds)
        json::listed(out, build, json::Times::Epoch, false);
    out.endArray().member("total", static_cast<std::uint64_t>(builds.size()));
    out.member("user_id", *query.owner).endObject();
    answer(response, out.take());
}

} // namespace apbfarm::api
