// SPDX-License-Identifier: MIT
#include "api/farm_routes.h"

#include "api/json_views.h"
#include "api/route_notes.h"

#include <algorithm>

namespace apbfarm::api {

FarmRoutes::FarmRoutes(const fleet::Fleet& fleet, std::string version, std::function<std::vector<Readiness>()> readiness)
    : fleet_(fleet), version_(std::move(version)), readiness_(std::move(readiness))
{
    util::JsonWriter out;
    out.beginObject().member("status", "healthy").member("version", version_).endObject();
    health_ = out.take();
}

void FarmRoutes::declare(RouteTable& routes)
{
    routes.add({Method::Get, "/health", Access::Guest, [this](auto&, auto& out) { out.json(200, health_); },
                BodyKind::None, RunsOn::Loop, "Whether the process answers", 0, notes::health()});
    routes.add({Method::Get, "/farm", Access::Guest, [this](auto& in, auto& out) { farm(in, out); }, BodyKind::None,
                RunsOn::Worker, "All build servers and their state", 0, notes::farm()});
    routes.add({Method::Get, "/ready", Access::Guest, [this](auto&, auto& out) { ready(out); }, BodyKind::None,
                RunsOn::Worker, "Whether every part of the farm works", 0, notes::ready()});
}

void FarmRoutes::farm(const HttpRequest& request, HttpResponse& response) const
{
    response.header("Cache-Control", "no-store");
    response.json(200, json::farm(fleet_.list(), fleet_.availableArchitectures(), request.principal(), version_));
}

void FarmRoutes::ready(HttpResponse& response) const
{
    const auto parts = readiness_();
    const bool all = std::ranges::all_of(parts, &Readiness::ready);
    util::JsonWriter out;
    out.beginObject().member("ready", all).key("components").beginArray();
    for (const auto& part : parts)
        out.beginObject().member("name", part.component).member("ready", part.ready).member("detail", part.detail).endObject();
    out.endArray().endObject();
    response.header("Cache-Control", "no-store");
    response.json(all ? 200 : 503, out.take());
}

} // namespace apbfarm::api
