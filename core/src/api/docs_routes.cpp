// SPDX-License-Identifier: MIT
#include "api/docs_routes.h"

#include "api/route_notes.h"
#include "util/secrets.h"
#include "util/text.h"

#include <fstream>
#include <iterator>

namespace apbfarm::api {

namespace {

FileReply fileFrom(const std::filesystem::path& path, const char* type)
{
    std::ifstream in(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    if (!in || content.empty())
        throw InvalidInput("The file " + path.string() + " cannot be read", "broken_web_directory");
    return {.path = path.string(), .contentType = type, .etag = util::sha256Hex(content).substr(0, 32),
            .cacheControl = "public, no-cache"};
}

} // namespace

DocsRoutes::DocsRoutes(const std::filesystem::path& webDirectory)
{
    const auto own = webDirectory / "static/docs";
    const auto vendor = webDirectory / "static/vendor/swagger-ui";
    files_["index.html"] = fileFrom(own / "index.html", "text/html; charset=utf-8");
    files_["docs.js"] = fileFrom(own / "docs.js", "text/javascript; charset=utf-8");
    files_["swagger-ui-bundle.js"] = fileFrom(vendor / "swagger-ui-bundle.js", "text/javascript; charset=utf-8");
    files_["swagger-ui.css"] = fileFrom(vendor / "swagger-ui.css", "text/css; charset=utf-8");
}

void DocsRoutes::declare(RouteTable& routes)
{
    routes.add({.method = Method::Get, .pattern = "/openapi.json", .access = Access::Guest,
                .handler = [this](auto&, auto& out) { out.json(200, document_); }, .summary = "This description",
                .notes = notes::apiDescription()});
    routes.add({.method = Method::Get, .pattern = "/docs", .access = Access::Guest,
                .handler = [this](auto&, auto& out) { send("index.html", out); },
                .summary = "This description for people", .notes = notes::page()});
    routes.add({.method = Method::Get, .pattern = "/docs/{file}", .access = Access::Guest,
                .handler = [this](auto& in, auto& out) { send(in.param("file"), out); },
                .summary = "Script and style of that page", .notes = notes::file("text/javascript")});
}

void DocsRoutes::send(std::string_view name, HttpResponse& response) const
{
    const auto found = files_.find(name);
    if (found == files_.end())
        throw NotFound("There is no file '" + util::oneLine(name, 64) + "'", "file_not_found", "File not found");
    response.file(found->second);
}

} // namespace apbfarm::api
