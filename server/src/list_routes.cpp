// SPDX-License-Identifier: MIT
#include "list_routes.h"

#include "build_files.h"
#include "json_views.h"
#include "query_values.h"

#include <algorithm>
#include <functional>

namespace apbfarm::server {

namespace {

using Filter = std::function<bool(const BuildRecord&)>;

std::vector<BuildRecord> newestFirst(const BuildTable& table, const Filter& wanted)
{
    auto records = table.list();
    std::erase_if(records, [&](const BuildRecord& record) { return !wanted(record); });
    std::ranges::reverse(records);
    return records;
}

void writeList(util::JsonWriter& json, const std::vector<BuildRecord>& records, std::int64_t limit, bool named)
{
    json.key("builds").beginArray();
    for (std::size_t i = 0; i < records.size() && static_cast<std::int64_t>(i) < limit; ++i) {
        json.beginObject();
        json::summary(json, records[i], named);
        json.endObject();
    }
    json.endArray().member("total", static_cast<std::uint64_t>(records.size()));
}

bool isDebugPackage(const PackageFile& package)
{
    return package.filename.find("-debug-") != std::string::npos;
}

/// The name of the file that a `{type}` means; empty when the build has none.
std::string fileFor(const BuildRecord& record, std::string_view type)
{
    if (type == "log")
        return "build.log";
    if (type == "pkgbuild")
        return "PKGBUILD";
    for (const auto& package : record.packages)
        if ((type == "package" && !isDebugPackage(package)) || (type == "debug" && isDebugPackage(package)))
            return package.filename;
    return {};
}

} // namespace

void ListRoutes::declare(RouteTable& routes)
{
    const auto bind = [this](void (ListRoutes::*handler)(const HttpRequest&, HttpResponse&)) {
        return [this, handler](const HttpRequest& in, HttpResponse& out) { (this->*handler)(in, out); };
    };
    routes.get("/builds/latest", Access::Guest, bind(&ListRoutes::latest));
    routes.get("/builds/pkgname/{name}", Access::Guest, bind(&ListRoutes::ofPackage));
    routes.get("/builds/pkgname/{name}/latest", Access::Guest, bind(&ListRoutes::latestOfPackage));
    routes.get("/builds/pkgname/{name}/latest/download/{type}", Access::Guest, bind(&ListRoutes::downloadLatest));
}

void ListRoutes::latest(const HttpRequest& request, HttpResponse& response)
{
    const auto limit = integerOf(request, "limit", 10);
    const auto status = request.query("status");
    const auto records =
        newestFirst(table_, [&](const BuildRecord& record) { return !status || toText(record.status) == *status; });
    util::JsonWriter json;
    json.beginObject();
    writeList(json, records, limit, true);
    response.json(200, json.endObject().take());
}

void ListRoutes::ofPackage(const HttpRequest& request, HttpResponse& response)
{
    const auto limit = integerOf(request, "limit", 5);
    const auto name = request.param("name");
    const auto records = newestFirst(table_, [&](const BuildRecord& record) { return record.pkgname == name; });
    util::JsonWriter json;
    json.beginObject().member("pkgname", name);
    writeList(json, records, limit, false);
    response.json(200, json.endObject().take());
}

BuildRecord ListRoutes::newest(const HttpRequest& request, bool successfulOnly) const
{
    const auto name = request.param("name");
    const auto records = newestFirst(table_, [&](const BuildRecord& record) {
        return record.pkgname == name && (!successfulOnly || record.status == BuildStatus::Completed);
    });
    if (records.empty())
        throw NotFound("No builds found for package");
    return records.front();
}

void ListRoutes::latestOfPackage(const HttpRequest& request, HttpResponse& response)
{
    const auto record = newest(request, request.query("successful_only").value_or("true") != "false");
    util::JsonWriter json;
    json.beginObject();
    json::summary(json, record, true);
    json.key("packages");
    json::files(json, record.id, record.packages);
    response.json(200, json.endObject().take());
}

void ListRoutes::downloadLatest(const HttpRequest& request, HttpResponse& response)
{
    const auto record = newest(request, true);
    const auto file = findFile(table_.folderOf(record.id), fileFor(record, request.param("type")));
    if (!file)
        throw NotFound("File not found");
    response.file(attachment(*file));
}

} // namespace apbfarm::server
