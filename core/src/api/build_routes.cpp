// SPDX-License-Identifier: MIT
#include "api/build_routes.h"

#include "api/query.h"
#include "api/route_notes.h"
#include "http/error_mapping.h"
#include "service/build_not_found.h"
#include "util/secrets.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace apbfarm::api {

namespace {

constexpr int kGuestLogLines = 100;   // client expectations 6

service::UploadedFile fileOf(const FormPart& part)
{
    return {part.filename(), part.text(), part.inMemory() ? -1 : part.descriptor(), part.size()};
}

std::string dispositionOf(const std::string& filename)
{
    // Names have passed X7's pattern: nothing in them needs quoting beyond the quotes themselves.
    return (filename.ends_with(".log") ? "inline; filename=\"" : "attachment; filename=\"") + filename + "\"";
}

/// Where an interrupted stream goes on: the header that browsers send, or its query form for others.
std::uint64_t resumePosition(const HttpRequest& request)
{
    if (const auto last = request.header("Last-Event-ID"))
        if (const auto position = util::parseUnsigned(*last))
            return *position;
    return numberFrom(request, "start_index", 0, 0, UINT64_MAX);
}

} // namespace

service::SubmitRequest submitRequestFrom(const HttpRequest& request)
{
    service::SubmitRequest submit;
    submit.user = *request.principal();
    submit.idempotencyKey = std::string(request.header("Idempotency-Key").value_or(""));
    for (const auto& part : request.parts()) {
        const auto& name = part->name();
        const bool file = part->isFile();
        const auto once = [&](bool taken) {
            if (taken)
                throw InvalidInput("The form field '" + name + "' may appear once", "repeated_field", {{name, "repeated"}});
        };
        if (name == "build_tarball" && file) {
            once(submit.tarball.has_value());
            submit.tarball = fileOf(*part);
        } else if (name == "pkgbuild" && file) {
            once(submit.pkgbuild.has_value());
            submit.pkgbuild = fileOf(*part);
        } else if (name == "sources" && file) {
            submit.sources.push_back(fileOf(*part));
        } else if (name == "architectures" && !file) {
            once(!submit.architectures.empty());
            submit.architectures = part->text();
        } else if (name == "build_timeout" && !file) {
            once(!submit.timeout.empty());
            submit.timeout = part->text();
        } else if (name == "build_tarball" || name == "pkgbuild" || name == "sources") {
            throw InvalidInput("The form field '" + name + "' must be a file", "not_a_file", {{name, "must be a file"}});
        } else if (name == "architectures" || name == "build_timeout") {
            throw InvalidInput("The form field '" + name + "' must be a text", "not_a_text", {{name, "must be a text"}});
        }
    }
    return submit;
}

Build BuildReader::get(std::string_view id) const
{
    if (util::isUuid(id))
        if (auto build = ledger_.find(std::string(id))) {
            if (prepare_ && isFinal(build->state))
                prepare_(build->id);
            return *build;
        }
    throw service::buildNotFound(id);
}

json::BuildDetails BuildReader::details(std::string_view id) const
{
    json::BuildDetails details;
    details.build = get(id);
    details.place = queue_.placeOf(details.build.id);
    if (details.place)
        details.waitingReason = queue_.reasonFor(details.build.id);
    if (isFinal(details.build.state)) {
        details.artifacts = filesOf(details.build);
        details.logLines = logs_.lineCount(details.build.id);
        std::error_code absent;
        if (details.logLines > 0)
            details.logBytes = std::filesystem::file_size(logs_.path(details.build.id), absent);
    }
    return details;
}

/// Of a build that was not submitted here the server's list counts until its files are held: they are fetched when
/// somebody wants them.
std::vector<Artifact> BuildReader::filesOf(const Build& build) const
{
    auto artifacts = store_.artifacts(build.id);
    if (!build.payload.empty())
        return artifacts;
    for (const auto& file : service::listedFiles(build))
        if (std::ranges::find(artifacts, file.filename, &Artifact::filename) == artifacts.end())
            artifacts.push_back({build.id, file.filename, file.size, {}, files::contentTypeOf(file.filename), {}});
    return artifacts;
}

void BuildRoutes::declare(RouteTable& routes, std::uint64_t maxUpload)
{
    const auto add = [&](Method method, const char* pattern, Access access, auto member, const char* summary,
                         RouteNotes notes) {
        routes.add({.method = method, .pattern = pattern, .access = access,
                    .handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); },
                    .summary = summary, .notes = std::move(notes)});
    };
    routes.add({.method = Method::Post, .pattern = "/build", .access = Access::User,
                .handler = [this](auto& in, auto& out) { submit(in, out); }, .body = BodyKind::Form,
                .summary = "Submit a package for building", .maxBody = maxUpload, .notes = notes::submitBuild()});
    add(Method::Get, "/build/{id}/status-api", Access::Guest, &BuildRoutes::status, "Status of a build as JSON",
        notes::buildStatus());
    add(Method::Post, "/build/{id}/cancel", Access::User, &BuildRoutes::cancel, "Cancel a build", notes::cancelBuild());
    add(Method::Post, "/admin/builds/{id}/release", Access::Admin, &BuildRoutes::release,
        "Queue a build again whose server does not say whether it has it", notes::releaseBuild());
    add(Method::Get, "/build/{id}/output", Access::Guest, &BuildRoutes::output, "Lines of a build's log",
        notes::buildOutput());
    add(Method::Get, "/build/{id}/stream", Access::Guest, &BuildRoutes::stream,
        "The log as it grows, as server-sent events", notes::buildStream());
    add(Method::Get, "/build/{id}/download/{filename}", Access::Guest, &BuildRoutes::download,
        "A package or the log of a build", notes::buildDownload());
}

void BuildRoutes::submit(const HttpRequest& request, HttpResponse& response)
{
    try {
        const auto submit = submitRequestFrom(request);
        auto answer = builds_.submit(submit, [&](const service::Submitted& s) { return json::submitted(s, submit.user); });
        response.json(200, std::move(answer));
    } catch (const service::NoValidArchitectures& refusal) {
        throw http::ShapedError(400, refusal.code(), "No valid architectures", refusal.what(),
                                json::noValidArchitectures(refusal));
    } catch (const service::UnknownRepositories& refusal) {
        throw http::ShapedError(400, refusal.code(), "Invalid custom repositories", refusal.what(),
                                json::invalidRepositories(refusal));
    } catch (const service::NothingQueued& refusal) {
        throw http::ShapedError(503, refusal.code(), "No builds queued", refusal.what(), json::nothingQueued(refusal));
    }
}

void BuildRoutes::status(const HttpRequest& request, HttpResponse& response)
{
    response.header("Cache-Control", "no-store");
    response.json(200, json::status(reader_.details(request.param("id"))));
}

void BuildRoutes::cancel(const HttpRequest& request, HttpResponse& response)
{
    const auto id = std::string(request.param("id"));
    response.json(200, json::cancelled(builds_.cancel(id, callerOf(request))));
}

void BuildRoutes::release(const HttpRequest& request, HttpResponse& response)
{
    const auto said = builds_.release(std::string(request.param("id")), callerOf(request));
    util::JsonWriter out;
    out.beginObject().member("success", true).member("message", said).endObject();
    response.json(200, out.take());
}

void BuildRoutes::output(const HttpRequest& request, HttpResponse& response)
{
    const auto start = numberFrom(request, "start_index", 0, 0, UINT64_MAX);
    const auto limit = numberFrom(request, "limit", 50, 1, 1000);
    const auto build = reader_.get(request.param("id"));
    remote_.bringLog(build);
    const auto page = logs_.read(build.id, start, limit);
    util::JsonWriter out;
    out.beginObject();
    out.member("output", page.lines).member("total_lines", static_cast<std::uint64_t>(page.total));
    out.member("start_index", start).member("returned_lines", static_cast<std::uint64_t>(page.lines.size()));
    out.endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

void BuildRoutes::stream(const HttpRequest& request, HttpResponse& response)
{
    const auto position = resumePosition(request);
    remote_.bringLog(reader_.get(request.param("id")));
    auto stream = streams_.stream(reader_.get(request.param("id")).id);
    // Looked at again once the stream is there: an end in between would have reached nobody.
    if (const auto build = reader_.get(request.param("id")); isFinal(build.state))
        streams_.ended(build.id, std::string(toText(statusOf(build.state))), build.state == BuildState::Completed ? 0 : 1);
    response.stream(std::move(stream), position);
}

void BuildRoutes::download(const HttpRequest& request, HttpResponse& response)
{
    const auto build = reader_.get(request.param("id"));
    const auto filename = std::string(request.param("filename"));
    // W4: whatever a build made, no browser runs it in the farm's name.
    response.header("Content-Security-Policy", "default-src 'none'; sandbox");
    if (filename == "build.log")
        return downloadLog(build, request, response);
    const auto artifact = heldOrFetched(build, filename);
    response.file({artifacts_.pathOf(artifact.sha256).string(), artifact.contentType, build.id + "-" + filename,
                   dispositionOf(filename), "public, max-age=2592000, immutable"});
}

/// Of a build that has not ended nothing is fetched: its files may still change.
Artifact BuildRoutes::heldOrFetched(const Build& build, const std::string& filename)
{
    if (isFinal(build.state))
        if (auto artifact = store_.findArtifact(build.id, filename); artifact && artifacts_.has(artifact->sha256))
            return *artifact;
    return remote_.fetch(build, filename);
}

void BuildRoutes::downloadLog(const Build& build, const HttpRequest& request, HttpResponse& response)
{
    remote_.bringLog(build);
    if (!request.principal())
        return sendLogTail(build, response);
    const auto artifact = store_.findArtifact(build.id, "build.log");
    const auto path = artifact ? artifacts_.pathOf(artifact->sha256) : logs_.path(build.id);
    if (!artifact && logs_.lineCount(build.id) == 0)
        throw NotFound("The build has no log yet", "file_not_found", "File not found");
    const auto etag = isFinal(build.state) ? build.id + "-build.log-full" : std::string();
    response.file({path.string(), "text/plain; charset=utf-8", etag, dispositionOf("build.log"), "private, no-store"});
}

/// Z6: guests see the end of a log only.
void BuildRoutes::sendLogTail(const Build& build, HttpResponse& response)
{
    const auto total = logs_.lineCount(build.id);
    if (total == 0)
        throw NotFound("The build has no log yet", "file_not_found", "File not found");
    const auto first = total > kGuestLogLines ? total - kGuestLogLines : 0;
    std::string text = "# APB: showing the last " + std::to_string(kGuestLogLines) + " lines; log in for the whole log\n\n";
    for (const auto& line : logs_.read(build.id, first, kGuestLogLines).lines)
        text += line + "\n";
    response.header("X-APB-Log-Truncated", "true");
    response.header("X-APB-Log-Tail-Lines", std::to_string(kGuestLogLines));
    if (isFinal(build.state))
        response.header("ETag", "\"" + build.id + "-build.log-guest-tail\"");
    response.header("Cache-Control", "private, no-store");
    response.header("Content-Disposition", dispositionOf("build.log"));
    response.send(200, "text/plain; charset=utf-8", std::move(text));
}

} // namespace apbfarm::api
