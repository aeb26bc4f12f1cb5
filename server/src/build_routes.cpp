// SPDX-License-Identifier: MIT
#include "build_routes.h"

#include "build_files.h"
#include "json_views.h"
#include "pages.h"
#include "query_values.h"
#include "server_errors.h"

#include "util/json_writer.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace apbfarm::server {

namespace {

constexpr std::uintmax_t kLargestView = 2 << 20;

std::string outcomeJson(bool success, std::string_view message)
{
    return util::JsonWriter().beginObject().member("success", success).member("message", message).endObject().take();
}

} // namespace

BuildRoutes::BuildRoutes(const Settings& settings, BuildTable& table, BuildEngine& engine)
    : settings_(settings), table_(table), engine_(engine), submission_(settings, table)
{
}

void BuildRoutes::declare(RouteTable& routes)
{
    const auto bind = [this](void (BuildRoutes::*handler)(const HttpRequest&, HttpResponse&)) {
        return [this, handler](const HttpRequest& in, HttpResponse& out) { (this->*handler)(in, out); };
    };
    routes.add({Method::Post, "/build", Access::Guest, bind(&BuildRoutes::submit), BodyKind::Form, RunsOn::Worker, {},
                settings_.maxRequestSize});
    routes.get("/build/{id}", Access::Guest, bind(&BuildRoutes::details));
    routes.get("/build/{id}/status-api", Access::Guest, bind(&BuildRoutes::status));
    routes.get("/build/{id}/output", Access::Guest, bind(&BuildRoutes::output));
    routes.get("/build/{id}/stream", Access::Guest, bind(&BuildRoutes::stream));
    routes.get("/build/{id}/download/{file}", Access::Guest, bind(&BuildRoutes::download));
    routes.get("/build/{id}/packages", Access::Guest, bind(&BuildRoutes::packages));
    routes.get("/build/{id}/view/{file}", Access::Guest, bind(&BuildRoutes::view));
    routes.get("/build/{id}/confirm-cancel", Access::Guest, bind(&BuildRoutes::confirmCancel));
    routes.post("/build/{id}/cancel", Access::Guest, BodyKind::None, bind(&BuildRoutes::cancel));
}

BuildRecord BuildRoutes::recordOf(const HttpRequest& request) const
{
    if (auto record = table_.find(BuildId(request.param("id"))))
        return *record;
    throw buildNotFound();
}

std::optional<std::uint64_t> BuildRoutes::logSize(const BuildId& id) const
{
    std::error_code error;
    const auto size = std::filesystem::file_size(table_.folderOf(id).log(), error);
    return error ? std::nullopt : std::optional<std::uint64_t>(size);
}

void BuildRoutes::submit(const HttpRequest& request, HttpResponse& response)
{
    const auto id = submission_.accept(request);
    engine_.enqueue(id);
    response.json(200, util::JsonWriter()
                           .beginObject()
                           .member("build_id", id)
                           .member("status", toText(BuildStatus::Queued))
                           .member("message", "Build queued successfully")
                           .endObject()
                           .take());
}

void BuildRoutes::status(const HttpRequest& request, HttpResponse& response)
{
    const auto record = recordOf(request);
    response.json(200, json::status(record, logSize(record.id)));
}

void BuildRoutes::output(const HttpRequest& request, HttpResponse& response)
{
    const auto record = recordOf(request);
    const auto start = integerOf(request, "start_index", 0);
    const auto limit = integerOf(request, "limit", 50);
    const auto log = record.status == BuildStatus::Queued ? nullptr : table_.log(record.id);
    if (!log)
        throw buildNotFound();
    const auto total = log->lineCount();
    // Python's way, which old servers passed on: a negative index counts from the end.
    const auto from = start >= 0 ? static_cast<std::uint64_t>(start)
                                 : total - std::min(total, static_cast<std::uint64_t>(-start));
    const auto lines = log->read(from, static_cast<std::uint64_t>(std::max<std::int64_t>(limit, 0)));
    response.json(200, util::JsonWriter()
                           .beginObject()
                           .member("output", lines)
                           .member("total_lines", total)
                           .member("start_index", start)
                           .member("returned_lines", static_cast<std::uint64_t>(lines.size()))
                           .endObject()
                           .take());
}

void BuildRoutes::stream(const HttpRequest& request, HttpResponse& response)
{
    const auto record = recordOf(request);
    response.stream(table_.log(record.id), 0);
}

void BuildRoutes::cancel(const HttpRequest& request, HttpResponse& response)
{
    switch (engine_.cancel(BuildId(request.param("id")))) {
    case BuildEngine::CancelOutcome::Cancelled:
        return response.json(200, outcomeJson(true, "Build cancelled successfully"));
    case BuildEngine::CancelOutcome::AlreadyFinished:
        return response.json(200, outcomeJson(false, "Build already finished"));
    case BuildEngine::CancelOutcome::Unknown: throw buildNotFound();
    }
}

void BuildRoutes::download(const HttpRequest& request, HttpResponse& response)
{
    const auto record = table_.find(BuildId(request.param("id")));
    const auto file = record ? findFile(table_.folderOf(record->id), request.param("file")) : std::nullopt;
    if (!file)
        throw NotFound("File not found");
    response.file(attachment(*file));
}

void BuildRoutes::packages(const HttpRequest& request, HttpResponse& response)
{
    const auto record = recordOf(request);
    util::JsonWriter json;
    json.beginObject().member("build_id", record.id).key("packages").beginArray();
    for (const auto& package : record.packages)
        json.beginObject()
            .member("filename", package.filename)
            .member("size", package.size)
            .member("created_at", json::isoTime(record.endedAt.value_or(record.createdAt)))
            .member("download_url", "/build/" + record.id + "/download/" + package.filename)
            .endObject();
    response.json(200, json.endArray().endObject().take());
}

void BuildRoutes::details(const HttpRequest& request, HttpResponse& response)
{
    const auto record = recordOf(request);
    const auto sources = listSources(table_.folderOf(record.id));
    const auto accept = request.header("Accept");
    if (accept && accept->find("application/json") != std::string_view::npos)
        return response.json(200, json::details(record, logSize(record.id), sources));
    const auto log = table_.log(record.id);
    const auto lines = log ? log->read(log->lineCount() - std::min<std::uint64_t>(log->lineCount(), 200), 200)
                           : std::vector<std::string>();
    response.html(200, pages::build(record, sources, lines));
}

void BuildRoutes::view(const HttpRequest& request, HttpResponse& response)
{
    const auto record = recordOf(request);
    const auto file = findFile(table_.folderOf(record.id), request.param("file"));
    if (!file)
        throw NotFound("File not found");
    std::error_code error;
    if (std::filesystem::file_size(*file, error) > kLargestView)
        return response.file(attachment(*file));
    std::ifstream in(*file, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.find('\0') != std::string::npos)
        return response.file(attachment(*file));
    response.html(200, pages::text(record, file->filename(), text));
}

void BuildRoutes::confirmCancel(const HttpRequest& request, HttpResponse& response)
{
    response.html(200, pages::confirmCancel(recordOf(request)));
}

} // namespace apbfarm::server
