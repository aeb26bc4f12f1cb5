// SPDX-License-Identifier: MIT
#include "api/log_routes.h"

#include "api/query.h"
#include "api/route_notes.h"
#include "util/json_writer.h"

namespace apbfarm::api {

namespace {

constexpr std::size_t kLongestSearch = 200;

} // namespace

void LogRoutes::declare(RouteTable& routes)
{
    const auto add = [&](const char* pattern, auto member, const char* summary, RouteNotes notes) {
        routes.add({.method = Method::Get, .pattern = pattern, .access = Access::User,
                    .handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); },
                    .summary = summary, .notes = std::move(notes)});
    };
    add("/build/{id}/outline", &LogRoutes::outline, "Where the phases and the first error stand in a build's log",
        notes::logOutline());
    add("/build/{id}/search", &LogRoutes::search, "Lines of a build's log that contain a text", notes::logSearch());
    add("/build/{id}/build.log.gz", &LogRoutes::download, "The whole log, compressed", notes::compressedLog());
}

void LogRoutes::outline(const HttpRequest& request, HttpResponse& response)
{
    const auto outline = outlines_.of(reader_.get(request.param("id")).id);
    util::JsonWriter out;
    out.beginObject().member("total_lines", outline.lines);
    out.member("first_error", outline.firstError).member("failure", outline.failure);
    out.key("phases").beginArray();
    for (const auto& phase : outline.phases)
        out.beginObject().member("line", phase.line).member("title", phase.title).endObject();
    out.endArray().endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

void LogRoutes::search(const HttpRequest& request, HttpResponse& response)
{
    const auto text = request.query("q").value_or("");
    if (text.empty() || text.size() > kLongestSearch)
        throw InvalidInput("q must have 1 to " + std::to_string(kLongestSearch) + " bytes", "invalid_parameter",
                           {{"q", "is empty or too long"}});
    const auto start = numberFrom(request, "start_index", 0, 0, UINT64_MAX);
    const auto found = files::findInLog(logs_, reader_.get(request.param("id")).id, text, start);
    util::JsonWriter out;
    out.beginObject().member("total_lines", found.total).member("next_index", found.next).key("lines").beginArray();
    for (const auto line : found.lines)
        out.value(line);
    out.endArray().endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

void LogRoutes::download(const HttpRequest& request, HttpResponse& response)
{
    const auto build = reader_.get(request.param("id"));
    response.file({compressed_.fileOf(build.id).string(), "application/gzip", "",
                   "attachment; filename=\"" + build.id + ".log.gz\"", "private, no-store"});
}

} // namespace apbfarm::api
