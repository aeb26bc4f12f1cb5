// SPDX-License-Identifier: MIT
#include "build_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

bool isSafeComponent(std::string_view name)
{
    return !name.empty() && name.size() <= 255 && name != "." && name != ".."
           && name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

bool isFile(const fs::path& path)
{
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::regular;
}

/// RFC 6266: quoted when the name is harmless, else in the extended form.
std::string disposition(const std::string& name)
{
    constexpr std::string_view harmless = "-._~";
    std::string encoded;
    for (const unsigned char c : name) {
        char hex[4];
        std::snprintf(hex, sizeof hex, "%%%02X", c);
        const bool plain = (c < 0x80 && std::isalnum(c)) || harmless.find(static_cast<char>(c)) != std::string_view::npos;
        encoded += plain ? std::string(1, static_cast<char>(c)) : hex;
    }
    return encoded == name ? "attachment; filename=\"" + name + "\"" : "attachment; filename*=utf-8''" + encoded;
}

std::string etagOf(const struct stat& info)
{
    char text[64];
    std::snprintf(text, sizeof text, "%llx-%llx-%lx", static_cast<unsigned long long>(info.st_size),
                  static_cast<unsigned long long>(info.st_mtim.tv_sec), static_cast<unsigned long>(info.st_mtim.tv_nsec));
    return text;
}

} // namespace

std::optional<fs::path> findFile(const BuildFolder& folder, std::string_view name)
{
    if (!isSafeComponent(name))
        return std::nullopt;
    if (name == "build.log")
        return isFile(folder.log()) ? std::optional(folder.log()) : std::nullopt;
    for (const auto& place : {folder.packages(), folder.sources()})
        if (isFile(place / name))
            return place / name;
    return std::nullopt;
}

std::vector<json::SourceFile> listSources(const BuildFolder& folder)
{
    std::vector<json::SourceFile> sources;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder.sources(), error))
        if (isFile(entry.path()))
            sources.push_back({entry.path().filename(), static_cast<std::uint64_t>(entry.file_size(error))});
    std::ranges::sort(sources, {}, &json::SourceFile::filename);
    return sources;
}

FileReply attachment(const fs::path& file)
{
    FileReply reply;
    reply.path = file;
    reply.disposition = disposition(file.filename());
    struct stat info{};
    if (::stat(file.c_str(), &info) == 0)
        reply.etag = etagOf(info);
    return reply;
}

} // namespace apbfarm::server
