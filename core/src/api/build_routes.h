// SPDX-License-Identifier: MIT
#pragma once

#include "api/json_views.h"
#include "files/artifact_store.h"
#include "files/log_store.h"
#include "files/log_stream.h"
#include "service/build_service.h"
#include "service/remote_files.h"

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <functional>
#include <utility>

namespace apbfarm::api {

/// The parts of the upload form by name. Field names that nobody knows are ignored (H18). Throws InvalidInput.
service::SubmitRequest submitRequestFrom(const HttpRequest& request);

/// What a status page or answer is made of, gathered from wherever it lies.
class BuildReader {
public:
    /// `prepare` is called for each ended build that somebody asks for, before anything of it is read.
    BuildReader(const service::BuildLedger& ledger, const service::BuildQueue& queue, BuildStore& store,
                files::LogStore& logs, std::function<void(const BuildId&)> prepare = {})
        : ledger_(ledger), queue_(queue), store_(store), logs_(logs), prepare_(std::move(prepare))
    {
    }

    /// Throws NotFound ("build_not_found"), also for what is no build id at all.
    Build get(std::string_view id) const;
    /// Empty when there is none.
    std::optional<Build> find(const BuildId& id) const { return ledger_.find(id); }
    json::BuildDetails details(std::string_view id) const;

private:
    std::vector<Artifact> filesOf(const Build& build) const;

    const service::BuildLedger& ledger_;
    const service::BuildQueue& queue_;
    BuildStore& store_;
    files::LogStore& logs_;
    std::function<void(const BuildId&)> prepare_;
};

/// Submit, status, cancel, release, output, stream, download.
class BuildRoutes {
public:
    BuildRoutes(service::BuildService& builds, const BuildReader& reader, BuildStore& store, files::LogStore& logs,
                files::LogStreamHub& streams, files::ArtifactStore& artifacts, service::RemoteFiles& remote)
        : builds_(builds), reader_(reader), store_(store), logs_(logs), streams_(streams), artifacts_(artifacts),
          remote_(remote)
    {
    }

    void declare(RouteTable& routes, std::uint64_t maxUpload);
    /// The status as JSON; the page of the same route asks for it when the query says format=json.
    void status(const HttpRequest& request, HttpResponse& response);

private:
    void submit(const HttpRequest& request, HttpResponse& response);
    void cancel(const HttpRequest& request, HttpResponse& response);
    void release(const HttpRequest& request, HttpResponse& response);
    void output(const HttpRequest& request, HttpResponse& response);
    void stream(const HttpRequest& request, HttpResponse& response);
    void download(const HttpRequest& request, HttpResponse& response);
    Artifact heldOrFetched(const Build& build, const std::string& filename);
    void downloadLog(const Build& build, const HttpRequest& request, HttpResponse& response);
    void sendLogTail(const Build& build, HttpResponse& response);

    service::BuildService& builds_;
    const BuildReader& reader_;
    BuildStore& store_;
    files::LogStore& logs_;
    files::LogStreamHub& streams_;
    files::ArtifactStore& artifacts_;
    service::RemoteFiles& remote_;
};

} // namespace apbfarm::api
