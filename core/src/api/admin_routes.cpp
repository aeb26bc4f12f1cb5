// SPDX-License-Identifier: MIT
#include "api/admin_routes.h"

#include "api/auth_routes.h"
#include "api/route_notes.h"
#include "util/ip_address.h"
#include "util/json_writer.h"

namespace apbfarm::api {

namespace {

std::optional<double> epochOf(const std::optional<Timestamp>& time)
{
    return time ? std::optional(toEpoch(*time)) : std::nullopt;
}

double secondsOf(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

void write(util::JsonWriter& out, const util::TaskReport& task)
{
    out.beginObject().member("name", task.name).member("summary", task.summary);
    out.member("running", task.running).member("runs", task.runs).member("failures", task.failures);
    out.member("last_started_at", epochOf(task.lastStart)).member("last_ended_at", epochOf(task.lastEnd));
    out.member("last_seconds", secondsOf(task.lastDuration)).member("total_seconds", secondsOf(task.totalDuration));
    out.member("next_run_at", epochOf(task.nextRun)).key("last_failure");
    task.lastFailure.empty() ? out.null() : out.value(task.lastFailure);
    out.member("last_failure_at", epochOf(task.lastFailureAt)).endObject();
}

} // namespace

void AdminRoutes::declare(RouteTable& routes)
{
    routes.add({.method = Method::Get, .pattern = "/admin/tasks", .access = Access::Admin,
                .handler = [this](auto&, auto& out) { tasks(out); },
                .summary = "Background work: when it ran, how long it took, what went wrong, when it runs next",
                .notes = notes::tasks()});
    routes.add({.method = Method::Get, .pattern = "/metrics", .access = Access::Guest,
                .handler = [this](auto& in, auto& out) { metrics(in, out); }, .summary = "Figures for monitoring",
                .notes = notes::metrics()});
}

bool AdminRoutes::mayReadMetrics(const HttpRequest& request) const
{
    if (readers_ == MetricsReaders::Anyone || (request.principal() && request.principal()->role == Role::Admin))
        return true;
    // Behind a proxy on this machine everybody comes from it.
    return readers_ == MetricsReaders::OwnMachine && util::isLoopback(request.clientAddress()) &&
           arrivalOf(request) == service::Arrival::Direct;
}

void AdminRoutes::metrics(const HttpRequest& request, HttpResponse& response) const
{
    if (!mayReadMetrics(request)) {
        if (!request.principal())
            throw Unauthenticated();
        throw Forbidden("Admin access required");
    }
    response.header("Cache-Control", "no-store");
    response.send(200, "text/plain; version=0.0.4; charset=utf-8", metrics_());
}

void AdminRoutes::tasks(HttpResponse& response) const
{
    util::JsonWriter out;
    out.beginObject().key("tasks").beginArray();
    for (const auto& task : tasks_.list())
        write(out, task);
    out.endArray().endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

} // namespace apbfarm::api
