// SPDX-License-Identifier: MIT
#include "system_routes.h"

#include "json_views.h"
#include "pages.h"

#include "util/json_writer.h"

#include <unistd.h>

#include <algorithm>

namespace apbfarm::server {

namespace {

/// The newest behaviour described for servers of this kind; farms know it from there.
constexpr auto kProtocolVersion = "2026-06-30";
constexpr double kNearlyFull = 95;

Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void writeRunning(util::JsonWriter& json, const BuildRecord& record, bool recreatesBuildroot)
{
    json.beginObject()
        .member("build_id", record.id)
        .member("pkgname", record.pkgname)
        .member("status", toText(record.status))
        .member("start_time", toEpoch(record.startedAt.value_or(record.createdAt)))
        .member("buildroot_recreation", recreatesBuildroot)
        .endObject();
}

const char* word(bool good, const char* otherwise)
{
    return good ? "ok" : otherwise;
}

} // namespace

SystemRoutes::SystemRoutes(const Settings& settings, BuildTable& table, const BuildEngine& engine)
    : settings_(settings), table_(table), engine_(engine)
{
}

void SystemRoutes::declare(RouteTable& routes)
{
    routes.get("/", Access::Guest, [this](auto& in, auto& out) { root(in, out); });
    routes.get("/health", Access::Guest, [this](auto& in, auto& out) { health(in, out); });
    routes.get("/admin/cleanup", Access::Guest, [](auto&, auto& out) { out.html(200, pages::cleanup()); });
    routes.post("/admin/cleanup", Access::Guest, BodyKind::None, [this](auto& in, auto& out) { cleanUp(in, out); });
}

void SystemRoutes::root(const HttpRequest&, HttpResponse& response)
{
    response.json(200, util::JsonWriter()
                           .beginObject()
                           .member("status", "running")
                           .member("version", kProtocolVersion)
                           .member("supported_architecture", settings_.architecture)
                           .key("system_info").raw(systemInfo())
                           .key("queue_status").raw(queueStatus())
                           .endObject()
                           .take());
}

std::string SystemRoutes::systemInfo()
{
    const auto memory = memoryUse();
    const auto disk = diskUse(settings_.buildsDir);
    const auto process = processUse();
    util::JsonWriter json;
    json.beginObject().member("architecture", machineName()).key("cpu").beginObject();
    json.member("model", processorModel()).member("cores", processorCount()).member("usage_percent", processors_.usage());
    json.key("load_average").beginArray();
    for (const double load : loadAverage())
        json.value(load);
    json.endArray().endObject();
    json.key("memory").beginObject().member("total", memory.total).member("available", memory.available);
    json.member("used", memory.used).member("percentage", memory.percentage).endObject();
    json.key("disk").beginObject().member("total", disk.total).member("used", disk.used);
    json.member("free", disk.free).member("percentage", disk.percentage).endObject();
    json.member("uptime", uptime());
    json.key("process_info").beginObject().member("pid", process.pid).member("thread_count", process.threads);
    json.member("open_files", process.openFiles).member("memory_usage", process.memory).endObject();
    return json.endObject().take();
}

std::string SystemRoutes::queueStatus() const
{
    const auto load = engine_.load();
    const auto records = table_.list();
    util::JsonWriter running, recreating;
    recreating.beginArray();
    std::int64_t recreations = 0;
    for (const auto& slot : load.running)
        if (const auto record = table_.find(slot.id)) {
            if (running.text().empty())
                writeRunning(running, *record, slot.recreatesBuildroot);
            if (slot.recreatesBuildroot && ++recreations)
                writeRunning(recreating, *record, true);
        }
    recreating.endArray();
    const auto ended = std::ranges::count_if(records, &BuildRecord::isFinal);
    util::JsonWriter json;
    json.beginObject()
        .member("current_builds_count", static_cast<std::uint64_t>(load.running.size()))
        .member("queued_builds", static_cast<std::uint64_t>(load.queued))
        .member("max_concurrent_builds", settings_.maxConcurrent)
        .key("current_build").raw(running.text().empty() ? "null" : running.text())
        .member("total_active_builds", static_cast<std::uint64_t>(records.size()))
        .member("build_history_count", static_cast<std::int64_t>(ended))
        .member("buildroot_recreation_count", recreations)
        .key("buildroot_recreation_builds").raw(recreating.text())
        .member("server_busy_with_buildroot", recreations > 0);
    return json.endObject().take();
}

void SystemRoutes::health(const HttpRequest&, HttpResponse& response)
{
    const auto started = std::chrono::steady_clock::now();
    const auto memory = memoryUse();
    const auto disk = diskUse(settings_.buildsDir);
    const auto load = engine_.load();
    const bool writable = ::access(settings_.buildsDir.c_str(), W_OK | X_OK) == 0;
    const bool roomy = memory.percentage < kNearlyFull && disk.percentage < kNearlyFull;
    util::JsonWriter json;
    json.beginObject();
    json.member("status", !writable ? "degraded" : roomy ? "healthy" : "warning").member("version", kProtocolVersion);
    json.member("timestamp", json::isoTime(now())).key("checks").beginObject();
    json.key("memory").beginObject().member("status", word(memory.percentage < kNearlyFull, "warning"));
    json.member("usage_percent", memory.percentage).member("available_mb", memory.available >> 20).endObject();
    json.key("disk").beginObject().member("status", word(disk.percentage < kNearlyFull, "warning"));
    json.member("usage_percent", disk.percentage).member("free_gb", disk.free >> 30).endObject();
    json.key("executor").beginObject().member("status", "ok").member("test_result", "test").endObject();
    json.key("build_queue").beginObject().member("status", "ok");
    json.member("queue_size", static_cast<std::uint64_t>(load.queued));
    json.member("active_builds", static_cast<std::uint64_t>(load.running.size()));
    json.member("running_processes", static_cast<std::uint64_t>(load.running.size())).endObject();
    json.key("filesystem").beginObject().member("status", word(writable, "error"));
    if (!writable)
        json.member("error", "the builds directory cannot be written");
    json.endObject().endObject();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
    response.json(200, json.member("response_time_ms", took.count()).endObject().take());
}

void SystemRoutes::cleanUp(const HttpRequest&, HttpResponse& response)
{
    const auto removed = table_.removeEndedBefore(now() - settings_.keepBuilds);
    const auto id = std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
    response.json(200, util::JsonWriter()
                           .beginObject()
                           .member("success", true)
                           .member("message", "Cleanup completed: removed " + std::to_string(removed) + " old builds")
                           .member("cleanup_id", "cleanup_" + std::to_string(id))
                           .endObject()
                           .take());
}

} // namespace apbfarm::server
