// SPDX-License-Identifier: MIT
#include "api/json_views.h"

#include "fleet/json_fields.h"
#include "util/json_reader.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::api::json {

namespace {

using util::JsonWriter;

constexpr std::int64_t kMostMemory = 1ll << 46;   // more is nonsense

std::optional<double> epoch(const std::optional<Timestamp>& time)
{
    if (!time)
        return std::nullopt;
    return toEpoch(*time);
}

std::optional<std::string> textOrNull(const std::string& text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

void serverAddress(JsonWriter& out, const Build& build, bool real)
{
    out.key("server_url");
    if (!build.server)
        out.null();
    else
        out.value(real ? *build.server : fleet::obfuscated(*build.server));
}

void file(JsonWriter& out, const BuildId& build, const std::string& filename, std::int64_t size)
{
    out.beginObject();
    out.member("filename", filename).member("size", std::max<std::int64_t>(0, size));
    out.member("download_url", "/build/" + build + "/download/" + filename);
    out.endObject();
}

bool isLog(const std::string& filename)
{
    return filename.ends_with(".log");
}

void files(JsonWriter& out, const BuildDetails& details)
{
    const auto& id = details.build.id;
    out.key("packages").beginArray();
    for (const auto& artifact : details.artifacts)
        if (!isLog(artifact.filename))
            file(out, id, artifact.filename, artifact.size);
    out.endArray();
    out.key("logs").beginArray();
    bool haveLog = false;
    for (const auto& artifact : details.artifacts)
        if (isLog(artifact.filename)) {
            file(out, id, artifact.filename, artifact.size);
            haveLog = haveLog || artifact.filename == "build.log";
        }
    if (!haveLog && isFinal(details.build.state) && details.logLines > 0)
        file(out, id, "build.log", static_cast<std::int64_t>(details.logBytes));
    out.endArray();
}

/// What the server said last; null when that cannot be read.
Poco::JSON::Object::Ptr serverRecord(const Build& build)
try {
    return build.serverRecord.empty() ? nullptr : util::parseJsonObject(build.serverRecord, {1 << 20, 32});
} catch (const std::exception&) {
    return nullptr;
}

std::optional<std::int64_t> peakIn(const Poco::JSON::Object& record)
{
    return fleet::jsonInteger(record, "peak_memory", 1, kMostMemory);
}

/// What only the server knows and clients pass through.
void serverFigures(JsonWriter& out, const Build& build)
{
    const auto record = serverRecord(build);
    if (!record)
        return;
    if (const auto code = fleet::jsonInteger(*record, "exit_code", INT32_MIN, INT32_MAX))
        out.member("exit_code", *code);
    if (const auto peak = peakIn(*record); peak && isFinal(build.state))
        out.member("peak_memory", *peak);
}

void times(JsonWriter& out, const Build& build)
{
    // `duration` must never be null: existing clients format it when the key is there.
    if (build.startedAt)
        out.member("start_time", toEpoch(*build.startedAt));
    if (isFinal(build.state) && build.endedAt) {
        out.member("end_time", toEpoch(*build.endedAt));
        if (build.startedAt)
            out.member("duration", std::max(0.0, toEpoch(*build.endedAt) - toEpoch(*build.startedAt)));
    }
}

void waiting(JsonWriter& out, const BuildDetails& details)
{
    if (!details.place)
        return;
    out.member("queue_state", "farm");
    out.member("queue_position", static_cast<std::uint64_t>(details.place->position));
    out.member("jobs_ahead", static_cast<std::uint64_t>(details.place->position - 1));
    out.member("farm_queue_size", static_cast<std::uint64_t>(details.place->size));
    out.member("waiting_reason", details.waitingReason);
}

void textTime(JsonWriter& out, std::string_view name, const std::optional<Timestamp>& time)
{
    out.key(name);
    if (time)
        out.value(util::isoTime(toEpoch(*time)));
    else
        out.null();
}

/// What the server said of itself, with when it came and whether the server still answers, as existing farms give it.
/// It is an object with members, or it would not have been taken for that of a server.
std::string withFreshness(const std::string& document, const fleet::ServerView& server)
{
    JsonWriter out;
    out.beginObject();
    out.member("_cached_at", epoch(server.lastContact)).member("_success", server.answering);
    out.endObject();
    return document.substr(0, document.rfind('}')) + "," + out.take().substr(1);
}

void server(JsonWriter& out, const fleet::ServerView& server, bool admin)
{
    const auto& snapshot = server.snapshot;
    const bool misconfigured = snapshot.health == ServerHealth::Misconfigured;
    const std::string_view state = misconfigured          ? "misconfigured"
                                   : server.answering     ? "online"
                                   : server.failures == 0 ? "initializing"
                                                          : "offline";
    out.beginObject();
    out.member("url", admin ? snapshot.id : fleet::obfuscated(snapshot.id));
    out.member("arch", snapshot.architecture);
    out.member("status", state);
    out.member("health", toText(snapshot.health));
    out.member("free_slots", snapshot.freeSlots);
    out.member("last_contact", epoch(server.lastContact)).member("last_failure", epoch(server.lastFailure));
    out.member("consecutive_failures", server.failures);
    if (admin && !server.reason.empty())
        out.member("reason", server.reason);
    out.key("info");
    if (server.document.empty())
        out.null();
    else
        out.raw(withFreshness(admin ? server.document : server.publicDocument, server));
    out.endObject();
}

} // namespace

std::string displayName(const Build& build)
{
    if (build.pkgver.empty())
        return build.pkgname;
    const auto version = build.pkgver + "-" + (build.pkgrel.empty() ? "1" : build.pkgrel);
    return build.pkgname + " (" + (build.epoch.empty() ? "" : build.epoch + ":") + version + ")";
}

std::string submitted(const service::Submitted& submitted, const Principal& user)
{
    const auto& first = submitted.builds.front();
    const auto count = submitted.builds.size();
    JsonWriter out;
    out.beginObject();
    out.member("build_id", first.id).member("status", "queued");
    out.member("message", "Queued " + std::to_string(count) + " build(s) for processing");
    out.member("pkgname", first.pkgname);
    out.member("target_architectures", submitted.targets);
    out.member("pkgbuild_architectures", submitted.pkgbuildArchitectures);
    out.key("builds").beginArray();
    for (const auto& build : submitted.builds) {
        out.beginObject();
        out.member("build_id", build.id).member("arch", build.architecture).member("status", "queued");
        out.member("pkgname", build.pkgname).member("submission_group", build.submissionGroup);
        out.member("created_at", toEpoch(build.createdAt)).member("user_id", user.id);
        out.member("queue_state", "farm").member("queue_position", build.queuePosition);
        out.member("jobs_ahead", build.queuePosition - 1);
        out.member("farm_queue_size", static_cast<std::uint64_t>(submitted.queueSize));
        out.endObject();
    }
    out.endArray();
    out.member("submission_group", submitted.submissionGroup);
    out.member("skipped_architectures", submitted.skipped);
    if (!submitted.warnings.empty())
        out.member("warnings", submitted.warnings);
    out.key("queue_status").beginObject();
    out.member("queue_size", static_cast<std::uint64_t>(submitted.queueSize));
    out.member("builds_queued", static_cast<std::uint64_t>(count));
    out.member("message", "Build(s) queued on farm; waiting for server capacity (" +
                              std::to_string(submitted.queueSize) + " job(s) in farm queue)");
    out.endObject();
    out.member("user_id", user.id).member("created_at", toEpoch(first.createdAt));
    if (submitted.customTimeout) {
        out.member("build_timeout", static_cast<std::int64_t>(submitted.customTimeout->count()));
        out.member("timeout_set_by", user.username);
    }
    out.endObject();
    return out.take();
}

std::string nothingQueued(const service::NothingQueued& refusal)
{
    JsonWriter out;
    out.beginObject();
    out.member("error", "No builds queued");
    out.member("message", "No servers available for any of the target architectures");
    out.member("detail", refusal.what()).member("pkgname", refusal.pkgname);
    out.member("target_architectures", refusal.targets).member("available_architectures", refusal.available);
    out.member("pkgbuild_architectures", refusal.pkgbuild);
    out.endObject();
    return out.take();
}

std::string noValidArchitectures(const service::NoValidArchitectures& refusal)
{
    JsonWriter out;
    out.beginObject();
    out.member("error", "No valid architectures");
    out.member("message", "No valid architectures specified or found in PKGBUILD");
    out.member("detail", refusal.what()).member("pkgname", refusal.pkgname);
    out.member("pkgbuild_architectures", refusal.pkgbuild).member("requested_architectures", refusal.requested);
    out.endObject();
    return out.take();
}

std::string invalidRepositories(const service::UnknownRepositories& refusal)
{
    JsonWriter out;
    out.beginObject();
    out.member("error", "Invalid custom repositories").member("message", refusal.what());
    out.member("detail", refusal.what()).member("pkgname", refusal.pkgname);
    out.member("invalid_repositories", refusal.entries);
    out.endObject();
    return out.take();
}

std::optional<std::int64_t> peakMemory(const Build& build)
{
    const auto record = isFinal(build.state) ? serverRecord(build) : nullptr;
    return record ? peakIn(*record) : std::nullopt;
}

std::string status(const BuildDetails& details)
{
    const auto& build = details.build;
    JsonWriter out;
    out.beginObject();
    out.member("build_id", build.id).member("pkgname", build.pkgname);
    out.member("status", toText(statusOf(build.state)));
    out.member("created_at", toEpoch(build.createdAt));
    out.member("arch", build.pkgbuildArchitectures);
    files(out, details);
    out.member("build_timeout", static_cast<std::int64_t>(build.timeout.count()));
    times(out, build);
    serverFigures(out, build);
    serverAddress(out, build, false);
    out.member("server_arch", build.architecture);
    out.key("extra_repos").raw(build.extraRepositories.empty() ? "[]" : build.extraRepositories);
    out.member("submission_group", build.submissionGroup).member("user_id", build.owner);
    const bool unavailable = !build.serverAvailable && !isFinal(build.state);
    out.member("server_unavailable", unavailable);
    out.member("last_status_update", epoch(build.lastStatusUpdate));
    if (unavailable)
        out.member("error_message", "Server unavailable: it does not answer");
    out.member("reason", build.reason);
    // While files are on their way the build is still shown as building, so a final one has all it will ever have.
    out.member("artifacts_ready", !details.place.has_value());
    waiting(out, details);
    out.endObject();
    return out.take();
}

void listed(JsonWriter& out, const Build& build, Times times, bool realAddress)
{
    out.beginObject();
    out.member("id", build.id).member("build_id", build.id);
    serverAddress(out, build, realAddress);
    out.member("server_arch", build.architecture).member("pkgname", build.pkgname);
    out.member("display_name", displayName(build)).member("status", toText(statusOf(build.state)));
    out.member("epoch", textOrNull(build.epoch)).member("pkgver", textOrNull(build.pkgver));
    out.member("pkgrel", textOrNull(build.pkgrel));
    if (times == Times::Text) {
        textTime(out, "start_time", build.startedAt);
        textTime(out, "end_time", build.endedAt);
        textTime(out, "created_at", build.createdAt);
    } else {
        out.member("start_time", epoch(build.startedAt)).member("end_time", epoch(build.endedAt));
        out.member("created_at", toEpoch(build.createdAt));
    }
    out.member("user_id", build.owner).member("submission_group", build.submissionGroup);
    out.member("build_timeout", static_cast<std::int64_t>(build.timeout.count()));
    out.endObject();
}

std::string cancelled(const service::CancelOutcome& outcome)
{
    JsonWriter out;
    out.beginObject();
    out.member("success", outcome.success).member("message", outcome.message);
    if (!outcome.wasQueued) {
        out.key("server_response").beginObject();
        out.member("success", outcome.success);
        out.member("message", outcome.success ? "Cancellation recorded" : outcome.message);
        out.endObject();
    }
    out.endObject();
    return out.take();
}

std::string farm(const std::vector<fleet::ServerView>& servers, const std::vector<std::string>& architectures,
                 const Principal* viewer, std::string_view version)
{
    const bool admin = viewer && viewer->role == Role::Admin;
    JsonWriter out;
    out.beginObject();
    out.member("status", "running").member("version", version);
    out.key("servers").beginArray();
    for (const auto& entry : servers)
        server(out, entry, admin);
    out.endArray();
    out.member("available_architectures", architectures);
    out.member("total_servers", static_cast<std::uint64_t>(servers.size()));
    out.member("authenticated", viewer != nullptr);
    out.member("user_role", viewer ? toText(viewer->role) : "guest");
    out.endObject();
    return out.take();
}

} // namespace apbfarm::api::json
