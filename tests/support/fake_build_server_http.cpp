// SPDX-License-Identifier: MIT
// What the server says to a farm: its answers, and how they go over the wire.
#include "support/fake_build_server.h"

#include "support/submitted_pkgbuild.h"
#include "util/json_writer.h"
#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>

namespace apbfarm::test {

using util::JsonWriter;

namespace {

std::string detail(const std::string& text)
{
    return JsonWriter().beginObject().member("detail", text).endObject().take();
}

std::string nestedDetail(const std::string& title, const std::string& text)
{
    JsonWriter json;
    json.beginObject().key("detail").beginObject().member("error", title).member("detail", text).endObject().endObject();
    return json.take();
}

std::string missingField(const std::string& field)
{
    return R"({"detail":[{"loc":["body",")" + field + R"("],"msg":"field required","type":"value_error.missing"}]})";
}

std::string wireHead(int status, const std::map<std::string, std::string>& headers, std::uint64_t size)
{
    auto text = "HTTP/1.1 " + std::to_string(status) + " Fake\r\nserver: uvicorn\r\n";
    for (const auto& [name, value] : headers)
        text += name + ": " + value + "\r\n";
    return text + "content-length: " + std::to_string(size) + "\r\n\r\n";
}

std::string wire(int status, const std::map<std::string, std::string>& headers, const std::string& body)
{
    return wireHead(status, headers, body.size()) + body;
}

} // namespace

void FakeBuildServer::note(const FakeRequest& request)
{
    auto copy = request;
    copy.body.clear();
    std::lock_guard lock(mutex_);
    if (!onlyCounts_)
        requests_.push_back(std::move(copy));
    changed_.notify_all();
}

std::optional<Misbehaviour> FakeBuildServer::takeFault(const FakeRequest& request)
{
    std::lock_guard lock(mutex_);
    for (auto& fault : faults_) {
        const bool fits = fault.times != 0 && request.path.find(fault.path) != std::string::npos &&
                          (fault.method.empty() || fault.method == request.method) &&
                          (fault.fault != Fault::CloseOnReuse || request.indexOnConnection > 0);
        if (!fits)
            continue;
        if (fault.times > 0)
            --fault.times;
        return fault;
    }
    return std::nullopt;
}

void FakeBuildServer::serve(FakeConnection& connection)
{
    for (;;) {
        FakeRequest request;
        if (!connection.readHead(request))
            return;
        const auto fault = takeFault(request);
        if (fault && fault->fault == Fault::EarlyAnswer) {
            note(request);
            connection.send(wire(fault->status, fault->headers, fault->body));
            return;
        }
        if (!connection.readBody(request))
            return;
        note(request);
        if (!serveOne(connection, request, fault ? &*fault : nullptr))
            return;
    }
}

bool FakeBuildServer::serveOne(FakeConnection& connection, const FakeRequest& request, const Misbehaviour* fault)
{
    if (!fault)
        return send(connection, handle(request));
    switch (fault->fault) {
    case Fault::Silence: connection.waitUntilGone(); return false;
    case Fault::ResetBefore: connection.resetAtEnd(); return false;
    case Fault::CloseOnReuse: return false;
    case Fault::Raw: connection.send(fault->body); return false;
    case Fault::Answer: return connection.send(wire(fault->status, fault->headers, fault->body));
    case Fault::Html: return connection.send(wire(200, {{"content-type", "text/html"}}, "<html><body>It works!"));
    default: break;
    }
    auto answer = handle(request);
    for (const auto body = answer.body; answer.times > 1; --answer.times)
        answer.body += body;
    const auto bytes = wire(answer.status, answer.headers, answer.body);
    switch (fault->fault) {
    case Fault::SilenceAfter: connection.waitUntilGone(); return false;
    case Fault::ResetAfter: connection.resetAtEnd(); return false;
    case Fault::HalfJson:
        return connection.send(wire(answer.status, answer.headers, answer.body.substr(0, answer.body.size() / 2)));
    case Fault::Truncated: connection.send(bytes.substr(0, bytes.size() - (answer.body.size() + 1) / 2)); return false;
    case Fault::Drip: return connection.drip(bytes, fault->pace);
    case Fault::WrongSize: return connection.send(wire(answer.status, answer.headers, answer.body + "!"));
    default: return connection.send(bytes);
    }
}

bool FakeBuildServer::send(FakeConnection& connection, const Response& answer)
{
    if (answer.times == 1)
        return connection.send(wire(answer.status, answer.headers, answer.body));
    bool good = connection.send(wireHead(answer.status, answer.headers, answer.body.size() * answer.times));
    for (std::uint64_t i = 0; good && i < answer.times; ++i)
        good = connection.send(answer.body);
    return good;
}

FakeBuildServer::Response FakeBuildServer::handle(const FakeRequest& request)
{
    std::lock_guard lock(mutex_);
    const bool get = request.method == "GET";
    if (get && request.path == "/") {
        std::this_thread::sleep_for(slowInfo_);   // with the lock held: nobody else is answered
        return info();
    }
    if (get && request.path == "/builds/latest")
        return latest(request);
    if (!get && request.path == "/build")
        return submit(request);
    constexpr std::size_t prefix = 7; // "/build/"
    const auto slash = request.path.find('/', prefix);
    if (request.path.starts_with("/build/") && slash != std::string::npos)
        return handleBuildPath(request, request.path.substr(prefix, slash - prefix), request.path.substr(slash + 1));
    return {404, detail("Not Found")};
}

FakeBuildServer::Response FakeBuildServer::handleBuildPath(const FakeRequest& request, const BuildId& build,
                                                           const std::string& rest)
{
    const bool get = request.method == "GET";
    if (get && rest == "status-api")
        return status(build);
    if (get && rest == "output")
        return output(request, build);
    if (!get && rest == "cancel")
        return cancel(build);
    if (get && rest.starts_with("download/"))
        return download(build, rest.substr(9));
    return {404, detail("Not Found")};
}

int FakeBuildServer::countOf(BuildStatus status) const
{
    return static_cast<int>(std::ranges::count_if(records_, [&](const auto& r) { return r.second.status == status; }));
}

FakeBuildServer::Response FakeBuildServer::info() const
{
    JsonWriter json;
    constexpr std::array<const char*, 5> versions{"2025-07-11", "2025-07-16", "2025-09-04", "2025-10-14", "2026-06-30"};
    json.beginObject().member("status", "running").member("version", versions.at(static_cast<std::size_t>(generation_ - 1)));
    json.member("supported_architecture", architecture_).key("system_info").beginObject();
    json.member("architecture", "x86_64").key("cpu").beginObject().member("model", "Unknown").member("cores", 2);
    if (generation_ > 1)
        json.member("usage_percent", 2.0);
    json.key("load_average").beginArray().value(0.5).value(0.25).value(0.125).endArray();
    json.endObject().endObject().key("queue_status").beginObject();
    json.member("current_builds_count", countOf(BuildStatus::Building));
    json.member("queued_builds", countOf(BuildStatus::Queued)).member("max_concurrent_builds", slots_);
    const auto current = std::ranges::find_if(order_, [&](const auto& id) { return records_.at(id).status == BuildStatus::Building; });
    json.key("current_build");
    if (current == order_.end())
        json.null();
    else
        json.beginObject().member("build_id", *current).member("status", "building").endObject();
    if (generation_ == 1)
        return {200, json.endObject().endObject().take()};
    json.member("total_active_builds", static_cast<int>(records_.size()));
    json.member("build_history_count", 0).member("buildroot_recreation_count", recreatingBuildroot_ ? 1 : 0);
    json.key("buildroot_recreation_builds").beginArray().endArray();
    json.member("server_busy_with_buildroot", recreatingBuildroot_).endObject().endObject();
    return {200, json.take()};
}

FakeBuildServer::Response FakeBuildServer::submit(const FakeRequest& request)
{
    Submission submission;
    submission.parts = parseMultipart(request);
    std::string_view pkgbuild;
    const std::string* tarball = nullptr;
    for (const auto& part : submission.parts) {
        if (part.name == "build_id")
            submission.build = part.content;
        else if (part.name == "build_timeout")
            submission.timeout = part.content;
        else if (part.name == "extra_repos")
            submission.extraRepos = part.content;
        else if (part.name == "build_tarball")
            tarball = part.content.empty() ? nullptr : &part.content;
        else if (part.name == "pkgbuild")
            pkgbuild = part.content;
    }
    submission.payloadDigest = util::sha256Hex(tarball ? *tarball : pkgbuild);
    Response answer;
    if (submission.build.empty())
        answer = {422, missingField("build_id")};
    else if (generation_ < 3 ? pkgbuild.empty() : pkgbuild.empty() && !tarball)
        answer = generation_ < 3 ? Response{422, missingField("pkgbuild")}
                      : Response{400, nestedDetail("No build files provided", "Send build_tarball or pkgbuild")};
    else
        answer = accept(submission, pkgnameOf(pkgbuild.empty() ? pkgbuildIn(*tarball) : std::string(pkgbuild)));
    if (onlyCounts_)
        submission.parts.clear();
    submissions_.push_back(std::move(submission));
    changed_.notify_all();
    return answer;
}

FakeBuildServer::Response FakeBuildServer::accept(Submission& submission, const std::string& pkgname)
{
    const auto id = submission.build;
    if (records_.contains(id))
        return {400, nestedDetail("Build ID already exists", "Build ID " + id + " already exists")};
    submission.accepted = true;
    order_.push_back(id);
    auto& record = records_[id];
    record.pkgname = pkgname;
    record.createdAt = now();
    if (!submission.extraRepos.empty())
        record.extraRepos = submission.extraRepos;
    record.timeout = static_cast<int>(util::parseUnsigned(submission.timeout, 14400).value_or(7200));
    startQueued();
    if (atOnce_ && *atOnce_ == BuildStatus::Completed)
        finishLocked(id, record, *atOnce_, {{pkgname + "-1-1-" + architecture_ + ".pkg.tar.zst", "package of " + id}});
    else if (atOnce_)
        finishLocked(id, record, *atOnce_, {});
    JsonWriter json;
    json.beginObject().member("build_id", id).member("status", "queued");
    json.member("message", "Build queued successfully").endObject();
    return {200, json.take()};
}

void FakeBuildServer::startQueued()
{
    for (const auto& id : order_) {
        auto& record = records_.at(id);
        if (record.status != BuildStatus::Queued || countOf(BuildStatus::Building) >= slots_)
            continue;
        record.status = BuildStatus::Building;
        record.startTime = now();
        record.log.push_back("Starting build for " + record.pkgname);
        peakBuilding_ = std::max(peakBuilding_, countOf(BuildStatus::Building));
    }
}

FakeBuildServer::Response FakeBuildServer::status(const BuildId& build) const
{
    const auto found = records_.find(build);
    if (found == records_.end())
        return {404, detail("Build not found")};
    const auto& record = found->second;
    JsonWriter json;
    json.beginObject().member("build_id", build).member("pkgname", record.pkgname);
    json.member("status", toText(record.status)).member("created_at", record.createdAt);
    json.member("arch", std::vector<std::string>{architecture_});
    const auto list = [&](const std::string& key, const std::vector<std::string>& names) {
        json.key(key).beginArray();
        for (const auto& name : names) {
            json.beginObject().member("filename", name).member("size", files_.at(build).at(name).size());
            json.member("download_url", "/build/" + build + "/download/" + name).endObject();
        }
        json.endArray();
    };
    list("packages", record.packages);
    list("logs", record.settled ? std::vector<std::string>{"build.log"} : std::vector<std::string>{});
    if (generation_ >= 3)
        json.member("build_timeout", record.timeout);
    if (generation_ >= 4)
        json.key("extra_repos").raw(record.extraRepos);
    if (record.startTime)
        json.member("start_time", record.startTime);
    if (record.exitCode)
        json.member("exit_code", *record.exitCode);
    if (record.endTime)
        json.member("end_time", record.endTime).member("duration", *record.endTime - record.startTime.value_or(*record.endTime));
    return {200, json.endObject().take()};
}

FakeBuildServer::Response FakeBuildServer::output(const FakeRequest& request, const BuildId& build) const
{
    const auto found = records_.find(build);
    if (found == records_.end() || found->second.status == BuildStatus::Queued)
        return {404, detail("Build not found")};
    const auto number = [&](const std::string& key, std::uint64_t otherwise) {
        const auto value = request.query.find(key);
        return value == request.query.end() ? otherwise : util::parseUnsigned(value->second).value_or(otherwise);
    };
    const auto& log = found->second.log;
    const auto start = number("start_index", 0);
    const auto from = std::min<std::uint64_t>(start, log.size());
    const auto count = std::min<std::uint64_t>(number("limit", 50), log.size() - from);
    const auto first = log.begin() + static_cast<std::ptrdiff_t>(from);
    JsonWriter json;
    json.beginObject().member("output", std::vector<std::string>(first, first + static_cast<std::ptrdiff_t>(count)));
    json.member("total_lines", std::uint64_t{log.size()}).member("start_index", start);
    json.member("returned_lines", count).endObject();
    return {200, json.take()};
}

FakeBuildServer::Response FakeBuildServer::cancel(const BuildId& build)
{
    const auto found = records_.find(build);
    if (found == records_.end())
        return {404, detail("Build not found")};
    auto& record = found->second;
    const bool running = record.status == BuildStatus::Queued || record.status == BuildStatus::Building;
    if (running) {
        record.status = BuildStatus::Cancelled;
        record.endTime = now();
        if (!cancelIsALabel_)
            startQueued();
    }
    JsonWriter json;
    json.beginObject().member("success", running);
    json.member("message", running ? "Build cancelled successfully" : "Build already finished").endObject();
    return {200, json.take()};
}

FakeBuildServer::Response FakeBuildServer::download(const BuildId& build, const std::string& filename) const
{
    const auto folder = files_.find(build);
    if (folder == files_.end() || !folder->second.contains(filename))
        return {404, detail("File not found")};
    const auto& file = folder->second.at(filename);
    return {200, file.content, {{"content-type", "application/octet-stream"}}, file.times};
}

FakeBuildServer::Response FakeBuildServer::latest(const FakeRequest& request) const
{
    const auto limit = request.query.find("limit");
    auto left = limit == request.query.end() ? 10 : util::parseUnsigned(limit->second).value_or(10);
    JsonWriter json;
    int total = 0;
    json.beginObject().key("builds").beginArray();
    const auto iso = [](std::optional<double> time) {
        return time ? std::optional(util::isoTime(*time).substr(0, 19) + "+00:00") : std::nullopt;
    };
    for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
        const auto& record = records_.at(*id);
        // As history and as active record.
        for (int copies = record.endTime ? 2 : 1; copies > 0; --copies, ++total) {
            if (left == 0)
                continue;
            --left;
            json.beginObject().member("build_id", *id).member("pkgname", record.pkgname);
            json.member("status", toText(record.status)).member("start_time", iso(record.startTime.value_or(record.createdAt)));
            json.member("end_time", iso(record.endTime)).member("duration", 0).endObject();
        }
    }
    json.endArray().member("total", total).endObject();
    return {200, json.take()};
}

} // namespace apbfarm::test
