// SPDX-License-Identifier: MIT
#include "fleet/server_client.h"

#include "fleet/http_multipart.h"
#include "fleet/server_answers.h"
#include "fleet/server_exchange.h"
#include "fleet/server_verdict.h"
#include "util/durable_file.h"
#include "util/secrets.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>

namespace apbfarm::fleet {

namespace {

std::string buildPath(const BuildId& build, const std::string& what)
{
    // Existing servers use ids as folder names, unchecked.
    if (!util::isUuid(build))
        throw InvalidInput("'" + util::oneLine(build, 64) + "' is not a build id", "invalid_build_id");
    return "/build/" + build + '/' + what;
}

HttpRequest cancelRequest(const BuildId& build)
{
    return {buildPath(build, "cancel"), HttpRequestBody{}};
}

MultipartText handOverFields(const HandOver& handOver)
{
    buildPath(handOver.build, "");
    MultipartText form;
    form.addField("build_id", handOver.build);
    form.addField("build_timeout", std::to_string(handOver.timeout.count()));
    if (!handOver.extraRepos.empty())
        form.addField("extra_repos", handOver.extraRepos);
    return form;
}

HttpRequestBody tarballBody(const HandOver& handOver, const Payload& payload)
{
    auto form = handOverFields(handOver);
    form.beginFile("build_tarball", "build.tar.gz", "application/gzip");
    HttpRequestBody body{form.contentType(), form.text(), payload.bytes, -1, 0, form.ending()};
    if (payload.file) {
        struct stat facts{};
        if (::fstat(payload.file.get(), &facts) != 0 || static_cast<std::uint64_t>(facts.st_size) < payload.size)
            throw Unavailable("The stored payload of build " + handOver.build + " is shorter than it was",
                              "payload_damaged");
        body.payload = {};
        body.file = payload.file.get();
        body.fileSize = payload.size;
    }
    return body;
}

} // namespace

struct FilesForm::Impl {
    BuildId build;
    MultipartText form;
    int file = -1;
    std::uint64_t size = 0;

    void write(std::string_view bytes)
    {
        util::writeAll(file, bytes);
        size += bytes.size();
    }
};

FilesForm::FilesForm(const HandOver& handOver, int file)
    : impl_(std::make_shared<Impl>(Impl{handOver.build, handOverFields(handOver), file}))
{
}

void FilesForm::beginFile(const std::string& name)
{
    if (name == "PKGBUILD")
        impl_->form.beginFile("pkgbuild", name, "text/plain");
    else
        impl_->form.beginFile("sources", name, "application/octet-stream");
    impl_->write(impl_->form.take());
}

void FilesForm::append(std::string_view bytes)
{
    impl_->write(bytes);
}

void FilesForm::finish()
{
    impl_->write(impl_->form.ending());
}

struct ServerClient::Impl {
    Impl(ServerUrl url, ClientOptions o) : options(std::move(o)), exchange(std::move(url), options) {}

    /// An answer through `read`, or the error in its place. `Result` holds both.
    template <class Result, class Read>
    Result call(const HttpRequest& request, const ExchangeLimits& limits, const Read& read, const BodySink& sink = {})
    {
        try {
            const auto answer = exchange.perform(request, limits, sink);
            try {
                return read(answer);
            } catch (const Error& error) {
                return CallError{Failure::Unclear, answer.head.status, util::oneLine(error.what()), {}};
            }
        } catch (const ExchangeBroken& broken) {
            return callError(broken);
        }
    }

    CallError callError(const ExchangeBroken& broken) const
    {
        return {exchange.mayHaveArrived() ? Failure::Unclear : Failure::NotSent, 0, util::oneLine(broken.what()), {}};
    }

    HandOverResult handOver(HttpRequestBody body, const BuildId& build, SubmissionForm form)
    {
        try {
            const auto answer = exchange.perform({"/build", std::move(body)}, submission());
            return verdictOf(answer, build, form);
        } catch (const ExchangeBroken& broken) {
            return {exchange.mayHaveArrived() ? Verdict::Unclear : Verdict::NotTaken, util::oneLine(broken.what()), {}};
        }
    }

    ExchangeLimits small() const { return {options.connectTimeout, options.answerTimeout, {}, options.maxJson}; }
    ExchangeLimits submission() const { return {options.connectTimeout, options.submitTimeout, {}, options.maxJson}; }
    ExchangeLimits page() const
    {
        return {options.connectTimeout, options.answerTimeout, options.answerTimeout, options.maxOutput};
    }
    ExchangeLimits artifact() const
    {
        return {options.connectTimeout, options.stallTimeout, options.stallTimeout, options.maxArtifact};
    }

    const ClientOptions options;
    ServerExchange exchange;
};

ServerClient::ServerClient(ServerId base, ClientOptions options)
    : impl_(std::make_unique<Impl>(parseServerUrl(base), std::move(options)))
{
}

ServerClient::~ServerClient() = default;

void ServerClient::abort()
{
    impl_->exchange.abort();
}

Answer<ServerInfo> ServerClient::info()
{
    return impl_->call<Answer<ServerInfo>>({"/", {}}, impl_->small(), [&](const HttpAnswer& answer) {
        return answer.head.status == 200 ? Answer<ServerInfo>(readServerInfo(answer.body, impl_->options.maxJson))
                                         : errorOf(answer);
    });
}

HandOverResult ServerClient::submit(const HandOver& handOver, Payload& payload)
{
    return impl_->handOver(tarballBody(handOver, payload), handOver.build, SubmissionForm::Tarball);
}

HandOverResult ServerClient::submitFiles(const FilesForm& files)
{
    const auto& form = *files.impl_;
    return impl_->handOver({form.form.contentType(), "", {}, form.file, form.size, ""}, form.build,
                           SubmissionForm::SingleFiles);
}

StatusAnswer ServerClient::status(const BuildId& build)
{
    return impl_->call<StatusAnswer>({buildPath(build, "status-api"), {}}, impl_->small(),
                                     [&](const HttpAnswer& answer) -> StatusAnswer {
        if (isKnownMissing(answer))
            return BuildNotKnown{};
        if (answer.head.status != 200)
            return errorOf(answer);
        return readRemoteBuild(answer.body, impl_->options.maxJson, build);
    });
}

OutputAnswer ServerClient::output(const BuildId& build, std::uint64_t start, int limit)
{
    const auto query = "output?start_index=" + std::to_string(start) + "&limit=" + std::to_string(limit);
    return impl_->call<OutputAnswer>({buildPath(build, query), {}}, impl_->page(),
                                     [&](const HttpAnswer& answer) -> OutputAnswer {
        if (isKnownMissing(answer))
            return BuildNotKnown{};
        if (answer.head.status != 200)
            return errorOf(answer);
        return readOutputPage(answer.body, impl_->options.maxOutput, start, limit);
    });
}

CancelAnswer ServerClient::cancel(const BuildId& build)
{
    return impl_->call<CancelAnswer>(cancelRequest(build), impl_->small(),
                                     [&](const HttpAnswer& answer) -> CancelAnswer {
        if (isKnownMissing(answer))
            return BuildNotKnown{};
        if (answer.head.status != 200)
            return errorOf(answer);
        return readCancelAccepted(answer.body, impl_->options.maxJson);
    });
}

namespace {

/// What a proxy or a log-in of a network says instead of a file.
bool isPage(const HttpHead& head, const std::string& filename)
{
    return head.find("content-type").value_or("").starts_with("text/html") && !filename.ends_with(".html");
}

} // namespace

DownloadAnswer ServerClient::download(const BuildId& build, const std::string& filename,
                                      const std::function<void(std::string_view)>& sink)
{
    if (!isArtifactName(filename))
        throw InvalidInput("'" + util::oneLine(filename, 255) + "' is not the name of an artifact", "invalid_filename");
    std::uint64_t size = 0;
    const BodySink counting = [&](std::string_view piece) {
        sink(piece);
        size += piece.size();
    };
    const HttpRequest request{buildPath(build, "download/" + percentEncoded(filename)), {}};
    return impl_->call<DownloadAnswer>(request, impl_->artifact(), [&](const HttpAnswer& answer) -> DownloadAnswer {
        if (isKnownMissing(answer))
            return FileMissing{};
        if (answer.head.status != 200 || isPage(answer.head, filename))
            return errorOf(answer);
        return FileDone{size};
    }, counting);
}

Answer<std::vector<ListedBuild>> ServerClient::latest(int limit)
{
    using Listed = Answer<std::vector<ListedBuild>>;
    return impl_->call<Listed>({"/builds/latest?limit=" + std::to_string(limit), {}}, impl_->small(),
                               [&](const HttpAnswer& answer) {
        return answer.head.status == 200 ? Listed(readLatestBuilds(answer.body, impl_->options.maxJson))
                                         : errorOf(answer);
    });
}

} // namespace apbfarm::fleet
