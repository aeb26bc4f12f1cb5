// SPDX-License-Identifier: MIT
#include "fleet/server_answers.h"

#include "fleet/json_fields.h"
#include "util/json_reader.h"
#include "util/secrets.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <algorithm>
#include <set>

namespace apbfarm::fleet {

using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxListed = 200;
constexpr std::size_t kMaxLine = 64 * 1024;
constexpr std::size_t kMaxText = 2000;
constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxArchitectures = 64;
constexpr std::int64_t kMaxCount = 100'000;

Object::Ptr parse(std::string_view json, std::uint64_t maxBytes)
{
    return util::parseJsonObject(json, {.bytes = maxBytes, .depth = kMaxDepth});
}

[[noreturn]] void notA(const std::string& what)
{
    throw InvalidInput("The answer is not " + what, "unexpected_answer");
}

int count(const Object& object, const std::string& key, int otherwise)
{
    const auto number = jsonInteger(object, key, 0, INT64_MAX);
    return number ? static_cast<int>(std::min(*number, kMaxCount)) : otherwise;
}

bool isWord(std::string_view name)
{
    return name.size() <= kMaxWord && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.';
    });
}

std::string architectureOf(const Object& info)
{
    auto name = jsonText(info, "supported_architecture").value_or("");
    return isWord(name) ? name : std::string();
}

double loadPerCoreOf(const Object& info)
{
    const auto system = jsonObject(info, "system_info");
    const auto cpu = system ? jsonObject(*system, "cpu") : nullptr;
    const auto load = cpu ? jsonArray(*cpu, "load_average") : nullptr;
    const auto cores = cpu ? jsonInteger(*cpu, "cores", 1, kMaxCount) : std::nullopt;
    if (!load || load->empty() || !cores)
        return 0;
    Object first;
    first.set("value", load->get(0));
    return std::max(0.0, jsonNumber(first, "value").value_or(0)) / static_cast<double>(*cores);
}

std::vector<RemoteFile> filesOf(const Object& record, const std::string& key)
{
    std::vector<RemoteFile> files;
    std::set<std::string> seen;
    const auto list = jsonArray(record, key);
    for (std::size_t i = 0; list && i < list->size() && files.size() < kMaxFiles; ++i) {
        const auto entry = jsonObjectAt(*list, i);
        const auto name = entry ? jsonText(*entry, "filename") : std::nullopt;
        if (name && isArtifactName(*name) && seen.insert(*name).second)
            files.push_back({*name, jsonInteger(*entry, "size", 0, INT64_MAX).value_or(-1)});
    }
    return files;
}

/// Those that are written like one.
std::vector<std::string> architecturesOf(const Object& record)
{
    std::vector<std::string> names;
    const auto list = jsonArray(record, "arch");
    for (std::size_t i = 0; list && i < list->size() && names.size() < kMaxArchitectures; ++i)
        if (const auto name = list->get(static_cast<unsigned>(i)); name.isString() && isWord(name.toString()))
            names.push_back(name.toString());
    return names;
}

std::optional<BuildStatus> statusOf(const Object& record)
{
    return buildStatusFromText(jsonText(record, "status").value_or(""));
}

/// One line again: its place in the list is its number.
std::string asLine(std::string line)
{
    if (line.size() > kMaxLine) {
        line.resize(kMaxLine);
        line = util::toUtf8(line); // the cut may have split a character
    }
    std::ranges::replace(line, '\n', ' ');
    return line;
}

} // namespace

bool isArtifactName(std::string_view name)
{
    constexpr std::string_view marks = "@._+:~-";
    return !name.empty() && name.size() <= 255 && name[0] != '.' && name[0] != '-' &&
           std::ranges::all_of(name, [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      marks.find(c) != std::string_view::npos;
           });
}

ServerInfo readServerInfo(std::string_view json, std::uint64_t maxBytes)
{
    const auto document = parse(json, maxBytes);
    if (!document->has("status") && !document->has("supported_architecture") && !document->has("queue_status"))
        notA("that of a build server");
    ServerInfo info;
    info.architecture = architectureOf(*document);
    info.version = util::oneLine(jsonText(*document, "version").value_or(""), kMaxWord);
    info.loadPerCore = loadPerCoreOf(*document);
    info.document = json;
    if (const auto queue = jsonObject(*document, "queue_status")) {
        info.building = count(*queue, "current_builds_count", info.building);
        info.queued = count(*queue, "queued_builds", info.queued);
        info.slots = count(*queue, "max_concurrent_builds", info.slots);
        info.recreatingBuildroot = jsonFlag(*queue, "server_busy_with_buildroot").value_or(false);
        info.buildrootRecreations = count(*queue, "buildroot_recreation_count", 0);
        const auto current = jsonObject(*queue, "current_build");
        if (auto id = current ? jsonText(*current, "build_id") : std::nullopt; id && util::isUuid(*id))
            info.current = std::move(id);
    }
    return info;
}

RemoteBuild readRemoteBuild(std::string_view json, std::uint64_t maxBytes, const BuildId& expected)
{
    const auto record = parse(json, maxBytes);
    if (!record->has("build_id") && !record->has("status"))
        notA("the record of a build");
    if (record->has("build_id") && jsonText(*record, "build_id") != expected)
        notA("the record of the build that was asked for");
    RemoteBuild build;
    build.status = statusOf(*record);
    build.startTime = jsonTime(*record, "start_time");
    build.endTime = jsonTime(*record, "end_time");
    build.duration = jsonNumber(*record, "duration");
    if (build.duration && *build.duration < 0)
        build.duration.reset();
    if (const auto code = jsonInteger(*record, "exit_code", INT32_MIN, INT32_MAX))
        build.exitCode = static_cast<int>(*code);
    build.createdAt = jsonTime(*record, "created_at");
    build.pkgname = util::oneLine(jsonText(*record, "pkgname").value_or(""), kMaxName);
    build.architectures = architecturesOf(*record);
    if (const auto timeout = jsonInteger(*record, "build_timeout", 1, INT32_MAX))
        build.timeout = std::chrono::seconds(*timeout);
    build.packages = filesOf(*record, "packages");
    build.logs = filesOf(*record, "logs");
    build.document = json;
    return build;
}

OutputPage readOutputPage(std::string_view json, std::uint64_t maxBytes, std::uint64_t start, int limit)
{
    const auto document = parse(json, maxBytes);
    const auto lines = jsonArray(*document, "output");
    if (!lines)
        notA("a page of build output");
    OutputPage page;
    const auto wanted = std::min<std::size_t>(lines->size(), static_cast<std::size_t>(std::max(limit, 0)));
    page.lines.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
        const auto line = lines->get(static_cast<unsigned>(i));
        page.lines.push_back(line.isString() ? asLine(line.extract<std::string>()) : std::string());
    }
    page.start = static_cast<std::uint64_t>(
        jsonInteger(*document, "start_index", 0, INT64_MAX).value_or(static_cast<std::int64_t>(start)));
    const auto total = jsonInteger(*document, "total_lines", 0, INT64_MAX);
    page.total = total ? static_cast<std::uint64_t>(*total) : page.start + page.lines.size();
    return page;
}

CancelAccepted readCancelAccepted(std::string_view json, std::uint64_t maxBytes)
{
    const auto document = parse(json, maxBytes);
    return {jsonFlag(*document, "success").value_or(false),
            util::oneLine(jsonText(*document, "message").value_or(""), kMaxText)};
}

std::vector<ListedBuild> readLatestBuilds(std::string_view json, std::uint64_t maxBytes)
{
    const auto document = parse(json, maxBytes);
    const auto list = jsonArray(*document, "builds");
    if (!list)
        notA("a list of builds");
    std::vector<ListedBuild> builds;
    std::set<BuildId> seen;
    for (std::size_t i = 0; i < list->size() && builds.size() < kMaxListed; ++i) {
        const auto entry = jsonObjectAt(*list, i);
        if (!entry)
            continue;
        auto id = jsonText(*entry, entry->has("build_id") ? "build_id" : "id").value_or("");
        if (!util::isUuid(id) || !seen.insert(id).second)
            continue;
        builds.push_back({std::move(id), util::oneLine(jsonText(*entry, "pkgname").value_or(""), kMaxName),
                          statusOf(*entry), jsonTime(*entry, "start_time"), jsonTime(*entry, "end_time")});
    }
    return builds;
}

} // namespace apbfarm::fleet
