// SPDX-License-Identifier: MIT
#include "json_views.h"

#include "util/text.h"

#include <cstdio>

namespace apbfarm::server::json {

namespace {

using util::JsonWriter;

void logs(JsonWriter& json, const BuildRecord& record, std::optional<std::uint64_t> logSize)
{
    json.key("logs");
    files(json, record.id,
          record.isFinal() && logSize ? std::vector<PackageFile>{{"build.log", *logSize}} : std::vector<PackageFile>{});
}

/// The members that `status` and `details` begin with.
void head(JsonWriter& json, const BuildRecord& record)
{
    json.member("build_id", record.id).member("pkgname", record.pkgname).member("status", toText(record.status));
}

void body(JsonWriter& json, const BuildRecord& record, std::optional<std::uint64_t> logSize)
{
    json.member("arch", record.architectures).key("packages");
    files(json, record.id, record.packages);
    logs(json, record, logSize);
    json.member("build_timeout", static_cast<std::int64_t>(record.timeout.count()));
    json.key("extra_repos").raw(record.extraRepos);
    if (record.peakMemory)
        json.member("peak_memory", *record.peakMemory);
    if (record.serverMemory)
        json.member("server_memory", *record.serverMemory);
}

} // namespace

std::string isoTime(Timestamp time)
{
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    auto text = util::isoTime(static_cast<double>(whole.time_since_epoch().count()));
    text.pop_back();   // the Z
    if (const auto fraction = (time - whole).count()) {
        char digits[8];
        std::snprintf(digits, sizeof digits, ".%06d", static_cast<int>(fraction));
        text += digits;
    }
    return text + "+00:00";
}

std::optional<double> duration(const BuildRecord& record)
{
    if (!record.startedAt || !record.endedAt)
        return std::nullopt;
    return toEpoch(*record.endedAt) - toEpoch(*record.startedAt);
}

void files(JsonWriter& json, const BuildId& id, const std::vector<PackageFile>& files)
{
    json.beginArray();
    for (const auto& file : files)
        json.beginObject()
            .member("filename", file.filename)
            .member("size", file.size)
            .member("download_url", "/build/" + id + "/download/" + file.filename)
            .endObject();
    json.endArray();
}

std::string status(const BuildRecord& record, std::optional<std::uint64_t> logSize)
{
    JsonWriter json;
    json.beginObject();
    head(json, record);
    json.member("created_at", toEpoch(record.createdAt));
    body(json, record, logSize);
    if (record.startedAt)
        json.member("start_time", toEpoch(*record.startedAt));
    if (record.exitCode)
        json.member("exit_code", *record.exitCode);
    if (record.endedAt)
        json.member("end_time", toEpoch(*record.endedAt));
    if (const auto seconds = duration(record))
        json.member("duration", *seconds);
    return json.endObject().take();
}

std::string details(const BuildRecord& record, std::optional<std::uint64_t> logSize,
                    const std::vector<SourceFile>& sources)
{
    JsonWriter json;
    json.beginObject();
    head(json, record);
    json.member("created_at", isoTime(record.createdAt));
    body(json, record, logSize);
    json.member("start_time", isoTime(record.startedAt.value_or(record.createdAt)));
    json.key("end_time");
    record.endedAt ? json.value(isoTime(*record.endedAt)) : json.null();
    json.member("duration", duration(record).value_or(0)).member("exit_code", record.exitCode.value_or(0));
    json.key("sources").beginArray();
    for (const auto& source : sources)
        json.beginObject()
            .member("filename", source.filename)
            .member("size", source.size)
            .member("download_url", "/build/" + record.id + "/download/" + source.filename)
            .endObject();
    return json.endArray().endObject().take();
}

void summary(JsonWriter& json, const BuildRecord& record, bool named)
{
    json.member("build_id", record.id);
    if (named)
        json.member("pkgname", record.pkgname);
    json.member("status", toText(record.status))
        .member("start_time", isoTime(record.startedAt.value_or(record.createdAt)))
        .key("end_time");
    record.endedAt ? json.value(isoTime(*record.endedAt)) : json.null();
    json.member("duration", duration(record).value_or(0));
}

} // namespace apbfarm::server::json
