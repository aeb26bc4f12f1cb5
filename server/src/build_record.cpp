// SPDX-License-Identifier: MIT
#include "build_record.h"

#include "util/durable_file.h"
#include "util/json_reader.h"
#include "util/json_writer.h"

#include <Poco/JSON/Array.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace apbfarm::server {

namespace {

std::string toJson(const BuildRecord& record)
{
    util::JsonWriter json;
    json.beginObject()
        .member("build_id", record.id)
        .member("pkgname", record.pkgname)
        .member("status", toText(record.status))
        .member("created_at", toEpoch(record.createdAt))
        .member("arch", record.architectures)
        .member("build_timeout", static_cast<std::int64_t>(record.timeout.count()))
        .member("output_timeout", static_cast<std::int64_t>(record.outputTimeout.count()))
        .member("extra_repos", record.extraRepos);
    if (record.startedAt)
        json.member("start_time", toEpoch(*record.startedAt));
    if (record.endedAt)
        json.member("end_time", toEpoch(*record.endedAt));
    if (record.exitCode)
        json.member("exit_code", *record.exitCode);
    if (record.peakMemory)
        json.member("peak_memory", *record.peakMemory);
    if (record.serverMemory)
        json.member("server_memory", *record.serverMemory);
    json.key("packages").beginArray();
    for (const auto& package : record.packages)
        json.beginObject().member("filename", package.filename).member("size", package.size).endObject();
    return json.endArray().endObject().take();
}

std::optional<Timestamp> time(const Poco::JSON::Object& json, const std::string& name)
{
    return json.has(name) ? std::optional(fromEpoch(json.getValue<double>(name))) : std::nullopt;
}

std::optional<std::uint64_t> bytes(const Poco::JSON::Object& json, const std::string& name)
{
    return json.has(name) ? std::optional<std::uint64_t>(json.getValue<Poco::UInt64>(name)) : std::nullopt;
}

BuildRecord fromJson(const Poco::JSON::Object& json)
{
    BuildRecord record;
    record.id = json.getValue<std::string>("build_id");
    record.pkgname = json.getValue<std::string>("pkgname");
    record.status = buildStatusFromText(json.getValue<std::string>("status")).value_or(BuildStatus::Failed);
    record.createdAt = fromEpoch(json.getValue<double>("created_at"));
    for (const auto& architecture : *json.getArray("arch"))
        record.architectures.push_back(architecture.toString());
    record.timeout = std::chrono::seconds(json.getValue<std::int64_t>("build_timeout"));
    record.outputTimeout = std::chrono::seconds(json.getValue<std::int64_t>("output_timeout"));
    record.extraRepos = json.getValue<std::string>("extra_repos");
    record.startedAt = time(json, "start_time");
    record.endedAt = time(json, "end_time");
    if (json.has("exit_code"))
        record.exitCode = json.getValue<int>("exit_code");
    record.peakMemory = bytes(json, "peak_memory");
    record.serverMemory = bytes(json, "server_memory");
    const auto packages = json.getArray("packages");
    for (unsigned i = 0; i < packages->size(); ++i) {
        const auto package = packages->getObject(i);
        record.packages.push_back(
            {package->getValue<std::string>("filename"), package->getValue<Poco::UInt64>("size")});
    }
    return record;
}

} // namespace

void save(const BuildRecord& record, const BuildFolder& folder)
{
    util::DurableFile file(folder.path);
    file.write(toJson(record));
    file.commit(folder.record());
}

std::optional<BuildRecord> load(const BuildFolder& folder)
{
    std::ifstream in(folder.record(), std::ios::binary);
    if (!in)
        return std::nullopt;
    const std::string text(std::istreambuf_iterator<char>(in), {});
    try {
        return fromJson(*util::parseJsonObject(text, {4 << 20, 16}));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

} // namespace apbfarm::server
