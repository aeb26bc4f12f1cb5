// SPDX-License-Identifier: MIT
#include "api/admin_routes.h"

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
                .summary = "Background work: when it ran, how long it took, what went wrong, when it runs next"});
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
