// SPDX-License-Identifier: MIT
#include "app/farm_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>

namespace apbfarm::app {

namespace {

constexpr std::array kHealths{ServerHealth::Healthy, ServerHealth::Degraded, ServerHealth::Unavailable,
                              ServerHealth::Misconfigured, ServerHealth::Unknown};

double secondsOf(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

double residentBytes()
{
    double total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpuSeconds()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + time.tv_usec / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double openFiles()
{
    std::error_code failure;
    double count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", failure), end; !failure && at != end; at.increment(failure))
        ++count;
    return count;
}

std::string_view methodText(Method method)
{
    constexpr std::array<std::string_view, 4> names{"GET", "POST", "PUT", "DELETE"};
    return names[static_cast<std::size_t>(method)];
}

util::PrometheusText::Labels labelsOf(const Route* route)
{
    if (!route)
        return {{"method", "other"}, {"route", "none"}};
    return {{"method", methodText(route->method)}, {"route", route->pattern}};
}

} // namespace

std::string FarmMetrics::text() const
{
    Text out;
    builds(out);
    queue(out);
    servers(out);
    requests(out);
    connections(out);
    tasks(out);
    plugins(out);
    storage(out);
    process(out);
    return out.take();
}

void FarmMetrics::builds(Text& out) const
{
    out.family("apb_farm_builds", "gauge", "Builds that are not final.");
    for (const auto& [place, count] : parts_.ledger.census())
        out.sample(static_cast<double>(count), {{"state", toText(place.first)}, {"arch", place.second}});
    out.family("apb_farm_builds_finished_total", "counter", "Builds that became final since the start.");
    for (const auto& [place, count] : parts_.tally.counts())
        out.sample(static_cast<double>(count), {{"status", place.first}, {"arch", place.second}});
}

void FarmMetrics::queue(Text& out) const
{
    const auto lanes = parts_.queue.lanes();
    out.family("apb_farm_queue_length", "gauge", "Builds that wait for a server.");
    for (const auto& lane : lanes)
        out.sample(static_cast<double>(parts_.queue.sizeOf(lane)), {{"arch", lane}});
    out.family("apb_farm_queue_oldest_wait_seconds", "gauge", "How long the oldest of them has been waiting.");
    for (const auto& lane : lanes)
        if (const auto first = parts_.queue.nextOf(lane, 0))
            if (const auto build = parts_.ledger.findLive(first->id))
                out.sample(secondsOf(parts_.clock.wall() - build->createdAt), {{"arch", lane}});
}

void FarmMetrics::servers(Text& out) const
{
    std::map<std::pair<std::string, ServerHealth>, int> counts;
    std::map<std::string, std::pair<int, int>> slots;
    for (const auto& server : parts_.fleet.list()) {
        const auto& arch = server.snapshot.architecture;
        for (const auto health : kHealths)
            counts[{arch, health}] += server.snapshot.health == health;
        slots[arch].first += server.snapshot.slots;
        slots[arch].second += server.snapshot.freeSlots;
    }
    out.family("apb_farm_servers", "gauge", "Configured build servers.");
    for (const auto& [place, count] : counts)
        out.sample(count, {{"arch", place.first}, {"health", toText(place.second)}});
    out.family("apb_farm_slots", "gauge", "Builds that the servers can run at once.");
    for (const auto& [arch, both] : slots)
        out.sample(both.first, {{"arch", arch}});
    out.family("apb_farm_slots_free", "gauge", "Of these, those that nobody uses.");
    for (const auto& [arch, both] : slots)
        out.sample(both.second, {{"arch", arch}});
}

void FarmMetrics::requests(Text& out) const
{
    const auto reports = parts_.requests.report();
    out.family("apb_farm_http_requests_total", "counter", "Answered requests.");
    for (const auto& report : reports)
        for (const auto& [status, count] : report.statuses) {
            auto labels = labelsOf(report.route);
            const auto text = status == 0 ? std::string("other") : std::to_string(status);
            labels.emplace_back("status", text);
            out.sample(static_cast<double>(count), labels);
        }
    out.family("apb_farm_http_request_duration_seconds", "histogram",
               "From the first byte of a request to its answer; event streams count when they begin.");
    for (const auto& report : reports)
        out.sample(report.durations, labelsOf(report.route));
}

void FarmMetrics::connections(Text& out) const
{
    const auto now = parts_.connections();
    out.gauge("apb_farm_http_connections", "Open connections.", static_cast<double>(now.connections));
    out.gauge("apb_farm_http_streams", "Event streams among them.", static_cast<double>(now.streams));
    out.gauge("apb_farm_http_waiting_requests", "Requests that wait for a worker.", static_cast<double>(now.waiting));
    out.gauge("apb_farm_http_uploads", "Bodies that arrive now.", static_cast<double>(now.spooling));
    out.counter("apb_farm_http_connections_refused_total", "Connections beyond a limit.", static_cast<double>(now.refused));
}

void FarmMetrics::tasks(Text& out) const
{
    const auto tasks = parts_.tasks.list();
    out.family("apb_farm_task_runs_total", "counter", "Finished runs of background work.");
    for (const auto& task : tasks)
        out.sample(static_cast<double>(task.runs), {{"task", task.name}});
    out.family("apb_farm_task_failures_total", "counter", "Runs that failed.");
    for (const auto& task : tasks)
        out.sample(static_cast<double>(task.failures), {{"task", task.name}});
    out.family("apb_farm_task_duration_seconds_total", "counter", "Time spent in runs.");
    for (const auto& task : tasks)
        out.sample(secondsOf(task.totalDuration), {{"task", task.name}});
    out.family("apb_farm_task_last_end_timestamp_seconds", "gauge", "When the last run ended.");
    for (const auto& task : tasks)
        if (task.lastEnd)
            out.sample(toEpoch(*task.lastEnd), {{"task", task.name}});
}

void FarmMetrics::plugins(Text& out) const
{
    const auto reports = parts_.extensions.reports();
    out.family("apb_farm_plugin_calls_total", "counter", "Calls of plugins.");
    for (const auto& report : reports)
        out.sample(static_cast<double>(report.calls), {{"extension", report.extension}});
    out.family("apb_farm_plugin_failures_total", "counter", "Calls in which a plugin threw or gave no answer.");
    for (const auto& report : reports)
        out.sample(static_cast<double>(report.failures), {{"extension", report.extension}});
    out.family("apb_farm_plugin_slow_calls_total", "counter", "Calls that took longer than they should.");
    for (const auto& report : reports)
        out.sample(static_cast<double>(report.slow), {{"extension", report.extension}});
}

void FarmMetrics::storage(Text& out) const
{
    const auto figures = parts_.storage.figures();
    out.gauge("apb_farm_storage_writable", "1 while changes can be stored.", parts_.storage.writable());
    out.counter("apb_farm_storage_changes_total", "Stored changes.", static_cast<double>(figures.changes));
    out.gauge("apb_farm_storage_waiting_changes", "Changes that wait for the disk.", static_cast<double>(figures.waiting));
    out.family("apb_farm_storage_commit_duration_seconds", "histogram", "Transactions, until they are on the disk.");
    out.sample(util::Histogram::Snapshot{figures.commitsWithin, figures.commits, figures.commitTime});
    const auto outbox = parts_.storage.outbox().size();
    out.gauge("apb_farm_outbox_length", "Messages that wait for a notifier.", static_cast<double>(outbox.waiting));
    out.gauge("apb_farm_outbox_given_up", "Messages that no notifier could deliver.", static_cast<double>(outbox.givenUp));
    std::error_code failure;
    if (const auto space = std::filesystem::space(parts_.stateDirectory, failure); !failure)
        out.gauge("apb_farm_disk_free_bytes", "Room where the farm keeps its files.", static_cast<double>(space.available));
}

void FarmMetrics::process(Text& out) const
{
    out.family("apb_farm_build_info", "gauge", "The version of the farm.").sample(1, {{"version", APB_FARM_VERSION}});
    out.counter("process_cpu_seconds_total", "Processor time, user and system.", cpuSeconds());
    out.gauge("process_resident_memory_bytes", "Memory in use.", residentBytes());
    out.gauge("process_open_fds", "Open files and sockets.", openFiles());
    out.gauge("process_start_time_seconds", "When the process started, seconds since 1970.", toEpoch(startedAt_));
}

} // namespace apbfarm::app
