// SPDX-License-Identifier: MIT
#include "api/static_files.h"

#include "util/secrets.h"
#include "util/text.h"

#include <fstream>
#include <iterator>

namespace apbfarm::api {

namespace fs = std::filesystem;

namespace {

/// Empty for files that are not served: an editor's leftovers, for example.
std::string_view typeOf(const fs::path& file)
{
    static const std::map<std::string_view, std::string_view> types{
        {".css", "text/css; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},           {".png", "image/png"},
        {".woff2", "font/woff2"}};
    const auto found = types.find(file.extension().string());
    return found == types.end() ? std::string_view() : found->second;
}

[[noreturn]] void refuse(const std::string& why)
{
    throw InvalidInput(why, "broken_web_directory");
}

std::string contentOf(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        refuse("The file " + path.string() + " cannot be read");
    return content;
}

bool matches(std::string_view ifNoneMatch, const std::string& etag)
{
    for (const auto& candidate : util::splitList(ifNoneMatch, ',')) {
        const std::string_view tag = candidate.starts_with("W/") ? std::string_view(candidate).substr(2) : candidate;
        if (tag == etag || tag == "*")
            return true;
    }
    return false;
}

} // namespace

StaticFiles::StaticFiles(const fs::path& directory, const std::vector<std::string>& required)
{
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(directory, failure)) {
        const auto type = typeOf(entry.path());
        if (type.empty() || !entry.is_regular_file())
            continue;
        auto content = contentOf(entry.path());
        auto etag = '"' + util::sha256Hex(content).substr(0, 32) + '"';
        files_.emplace(entry.path().filename().string(), File{std::string(type), std::move(content), std::move(etag)});
    }
    if (failure)
        refuse("The folder " + directory.string() + " cannot be read: " + failure.message());
    util::Sha256 all;
    for (const auto& [name, file] : files_)
        all.update(name + '\n' + file.etag + '\n');
    version_ = all.hex().substr(0, 12);
    for (const auto& name : required)
        if (!files_.contains(name))
            refuse("The folder " + directory.string() + " has no file " + name);
}

void StaticFiles::send(std::string_view name, const HttpRequest& request, HttpResponse& response) const
{
    const auto found = files_.find(name);
    if (found == files_.end())
        throw NotFound("There is no file '" + util::oneLine(name, 64) + "'", "file_not_found", "File not found");
    const auto& file = found->second;
    response.header("ETag", file.etag);
    // Modules name each other without a version; those are asked for again, which costs a 304.
    const bool versioned = request.query("v").value_or("") == version_;
    response.header("Cache-Control", versioned ? "public, max-age=31536000, immutable" : "public, no-cache");
    if (matches(request.header("If-None-Match").value_or(""), file.etag))
        response.send(304, file.type, "");
    else
        response.send(200, file.type, file.content);
}

} // namespace apbfarm::api
