// SPDX-License-Identifier: MIT
#include "api/history_routes.h"

#include "api/json_views.h"
#include "api/query.h"
#include "api/route_notes.h"

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

} // namespace

void HistoryRoutes::declare(RouteTable& routes)
{
    routes.add({.method = Method::Get, .pattern = "/builds/latest", .access = Access::Guest,
                .handler = [this](auto& in, auto& out) { latest(in, out); }, .summary = "The latest builds",
                .notes = notes::latestBuilds()});
    routes.add({.method = Method::Get, .pattern = "/my/builds", .access = Access::User,
                .handler = [this](auto& in, auto& out) { mine(in, out); }, .summary = "Builds of the signed-in user",
                .notes = notes::myBuilds()});
}

void HistoryRoutes::latest(const HttpRequest& request, HttpResponse& response)
{
    const auto builds = store_.list(queryFrom(request, 20, 100));
    util::JsonWriter out;
    out.beginObject().key("builds").beginArray();
    for (const auto& build : builds)
        json::listed(out, build, json::Times::Text, false);
    out.endArray().member("total", static_cast<std::uint64_t>(builds.size())).endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
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
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

} // namespace apbfarm::api
