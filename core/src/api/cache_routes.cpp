// SPDX-License-Identifier: MIT
#include "api/cache_routes.h"

#include "api/route_notes.h"
#include "util/json_writer.h"

#include <cmath>

namespace apbfarm::api {

namespace {

/// Two decimals, as existing farms show them.
double megabytes(double bytes)
{
    return std::round(bytes / (1 << 20) * 100) / 100;
}

} // namespace

void CacheRoutes::declare(RouteTable& routes)
{
    routes.add({.method = Method::Get, .pattern = "/admin/cache", .access = Access::Admin,
                .handler = [this](auto&, auto& out) { show(out); },
                .summary = "Kept packages and logs: how many, how large, how old", .notes = notes::cache()});
    routes.add({.method = Method::Post, .pattern = "/admin/cache/cleanup", .access = Access::Admin,
                .handler = [this](auto&, auto& out) { cleanUp(out); },
                .summary = "Remove kept files that are too old or too many, now", .notes = notes::cacheCleanup()});
}

void CacheRoutes::show(HttpResponse& response) const
{
    const auto totals = retention_.totals();
    const auto facts = facts_();
    util::JsonWriter out;
    out.beginObject().member("enabled", facts.enabled).member("retention_days", facts.retentionDays);
    out.member("directory", facts.directory).member("max_size_mb", facts.maxBytes >> 20);
    out.member("total_artifacts", totals.files).member("total_size_bytes", totals.bytes);
    out.member("total_size_mb", megabytes(static_cast<double>(totals.bytes)));
    out.member("expired_artifacts", retention_.expired());
    out.member("oldest_cache_timestamp", totals.oldest ? std::optional(toEpoch(*totals.oldest)) : std::nullopt);
    const auto age = [&] { return std::chrono::duration<double, std::ratio<86400>>(clock_.wall() - *totals.oldest); };
    out.member("oldest_cache_age_days",
               totals.oldest ? std::optional(std::round(age().count() * 10) / 10) : std::nullopt);
    response.header("Cache-Control", "no-store");
    response.json(200, out.endObject().take());
}

void CacheRoutes::cleanUp(HttpResponse& response) const
{
    const auto removed = cleanUp_();
    util::JsonWriter out;
    out.beginObject().member("success", true);
    out.member("message", "Cache cleanup completed: removed " + std::to_string(removed.files) + " files");
    out.member("removed_artifacts", removed.files).member("freed_bytes", removed.bytes);
    response.json(200, out.endObject().take());
}

} // namespace apbfarm::api
