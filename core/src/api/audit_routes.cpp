// SPDX-License-Identifier: MIT
#include "api/audit_routes.h"

#include "api/query.h"
#include "api/route_notes.h"
#include "util/json_writer.h"
#include "util/secrets.h"
#include "util/text.h"

#include <charconv>
#include <cmath>
#include <fstream>

namespace apbfarm::api {

namespace {

constexpr int kExportPage = 1000;   // events read at once

std::optional<std::string> textFrom(const HttpRequest& request, std::string_view name)
{
    const auto text = request.query(name);
    return text && !text->empty() ? std::optional(std::string(*text)) : std::nullopt;
}

std::optional<Timestamp> timeFrom(const HttpRequest& request, std::string_view name)
{
    const auto text = request.query(name);
    if (!text || text->empty())
        return std::nullopt;
    double seconds = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), seconds, std::chars_format::fixed);
    // The year 9999: beyond it a time in microseconds says nothing to anybody.
    if (problem != std::errc() || end != text->data() + text->size() || !(seconds >= 0 && seconds < 253402300800.0))
        throw InvalidInput(std::string(name) + " must be a time in seconds since 1970", "invalid_parameter",
                           {{std::string(name), "must be a time in seconds since 1970"}});
    return fromEpoch(seconds);
}

AuditQuery filtersFrom(const HttpRequest& request)
{
    AuditQuery query;
    query.actor = textFrom(request, "user");
    query.action = textFrom(request, "action");
    query.from = timeFrom(request, "from");
    query.to = timeFrom(request, "to");
    return query;
}

std::string jsonOf(const AuditEvent& event)
{
    util::JsonWriter out;
    out.beginObject().member("id", event.id).member("at", toEpoch(event.at)).member("actor", event.actor);
    out.member("action", event.action).member("target", event.target).member("address", event.address);
    out.member("result", event.result).member("request_id", event.requestId).endObject();
    return out.take();
}

/// RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it.
std::string csvCell(const std::string& text)
{
    const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
    std::string cell = formula ? "\"'" : "\"";
    for (const char c : text)
        c == '"' ? cell += "\"\"" : cell += c;
    return cell + '"';
}

std::string csvOf(const AuditEvent& event)
{
    std::string line = std::to_string(event.id) + ',' + util::isoTime(toEpoch(event.at));
    for (const auto* text : {&event.actor, &event.action, &event.target, &event.address, &event.result, &event.requestId})
        line += ',' + csvCell(*text);
    return line + "\r\n";
}

enum class Format { Csv, JsonLines };

Format formatFrom(const HttpRequest& request)
{
    const auto word = request.query("format").value_or("csv");
    if (word == "csv")
        return Format::Csv;
    if (word == "jsonl")
        return Format::JsonLines;
    throw InvalidInput("format must be csv or jsonl", "invalid_parameter", {{"format", "must be csv or jsonl"}});
}

/// A file that goes away with this; whoever has it open keeps reading.
struct TemporaryFile {
    std::filesystem::path path;
    ~TemporaryFile()
    {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
};

} // namespace

void AuditRoutes::declare(RouteTable& routes)
{
    routes.add({.method = Method::Get, .pattern = "/admin/audit", .access = Access::Admin,
                .handler = [this](auto& in, auto& out) { list(in, out); },
                .summary = "Who did what: log-ins, accounts, settings, cancels of others' builds", .notes = notes::audit()});
    routes.add({.method = Method::Get, .pattern = "/admin/audit/export", .access = Access::Admin,
                .handler = [this](auto& in, auto& out) { exportAll(in, out); }, .summary = "The same as a file",
                .notes = notes::auditExport()});
}

void AuditRoutes::list(const HttpRequest& request, HttpResponse& response) const
{
    auto query = filtersFrom(request);
    query.limit = static_cast<int>(numberFrom(request, "limit", 100, 1, 1000));
    query.offset = static_cast<int>(numberFrom(request, "offset", 0, 0, 1'000'000'000));
    util::JsonWriter out;
    out.beginObject().key("events").beginArray();
    for (const auto& event : audit_.list(query))
        out.raw(jsonOf(event));
    out.endArray().member("total", audit_.count(query)).endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

void AuditRoutes::exportAll(const HttpRequest& request, HttpResponse& response) const
{
    const auto format = formatFrom(request);
    auto query = filtersFrom(request);
    query.oldestFirst = true;
    query.limit = kExportPage;
    const TemporaryFile file{temporary_ / ("audit-" + util::randomToken())};
    std::ofstream out(file.path, std::ios::binary);
    if (format == Format::Csv)
        out << "id,at,actor,action,target,address,result,request_id\r\n";
    for (auto events = audit_.list(query); !events.empty(); events = audit_.list(query)) {
        for (const auto& event : events)
            out << (format == Format::Csv ? csvOf(event) : jsonOf(event) + "\n");
        query.afterId = events.back().id;
    }
    out.close();
    if (!out)
        throw StorageFull("There is no room to make the file");
    const bool csv = format == Format::Csv;
    response.file({.path = file.path.string(),
                   .contentType = csv ? "text/csv; charset=utf-8" : "application/jsonl",
                   .etag = "",
                   .disposition = csv ? "attachment; filename=\"audit.csv\"" : "attachment; filename=\"audit.jsonl\""});
}

} // namespace apbfarm::api
