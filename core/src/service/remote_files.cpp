// SPDX-License-Identifier: MIT
#include "service/remote_files.h"

#include "fleet/server_answers.h"
#include "util/text.h"

#include <algorithm>
#include <fstream>

namespace apbfarm::service {

namespace {

constexpr std::uint64_t kLargestRecord = 1 << 20;
constexpr std::size_t kLinesPerStep = 1000;
/// However often somebody asks, servers are asked once in this time for what none of them has (V5).
constexpr std::chrono::minutes kMissingFor{1};
constexpr const char* kLog = "build.log";

NotFound missing(const std::string& filename)
{
    return NotFound("File '" + util::oneLine(filename, 128) + "' not found", "file_not_found", "File not found");
}

/// What may be asked for under that name; empty when nothing.
std::optional<fleet::RemoteFile> wantedFile(const Build& build, const std::string& filename)
{
    if (!isFinal(build.state) || !build.server)
        return std::nullopt;
    for (auto& file : listedFiles(build))
        if (file.filename == filename)
            return file;
    // Older records name no logs, but whatever ran has one.
    return filename == kLog && build.startedAt ? std::optional(fleet::RemoteFile{kLog, -1}) : std::nullopt;
}

} // namespace

std::vector<fleet::RemoteFile> listedFiles(const Build& build)
{
    try {
        if (build.serverRecord.empty())
            return {};
        auto record = fleet::readRemoteBuild(build.serverRecord, kLargestRecord, build.id);
        record.packages.insert(record.packages.end(), record.logs.begin(), record.logs.end());
        return record.packages;
    } catch (const std::exception&) {
        return {};   // a record that cannot be read lists nothing
    }
}

/// One of the few fetches that may run, and the connection that `stop` cuts.
class RemoteFiles::Place {
public:
    Place(RemoteFiles& owner, fleet::ServerClient& client) : owner_(owner), client_(client)
    {
        std::lock_guard lock(owner_.mutex_);
        if (owner_.stopping_ || owner_.running_ >= owner_.settings_.together)
            throw Unavailable("Too many files are being fetched from build servers; try again soon", "busy",
                              std::chrono::seconds(5));
        ++owner_.running_;
        owner_.clients_.insert(&client_);
    }
    ~Place()
    {
        std::lock_guard lock(owner_.mutex_);
        --owner_.running_;
        owner_.clients_.erase(&client_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// False when the farm stops.
    bool rest(std::chrono::milliseconds pause)
    {
        std::unique_lock lock(owner_.mutex_);
        return !owner_.stopped_.wait_for(lock, pause, [this] { return owner_.stopping_; });
    }

private:
    RemoteFiles& owner_;
    fleet::ServerClient& client_;
};

void RemoteFiles::stop()
{
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto* client : clients_)
        client->abort();
    stopped_.notify_all();
}

/// V1: configured ones only. The one that built it first, then those that answer.
std::vector<ServerId> RemoteFiles::candidates(const Build& build) const
{
    std::vector<ServerId> servers;
    for (const auto& view : parts_.fleet.list()) {
        const auto& id = view.snapshot.id;
        if (id == build.server)
            servers.insert(servers.begin(), id);
        else if (view.answering)
            servers.push_back(id);
    }
    return servers;
}

Artifact RemoteFiles::fetch(const Build& build, const std::string& filename)
{
    const auto file = wantedFile(build, filename);
    if (!file || wasMissing(build, filename))
        throw missing(filename);
    Artifact artifact{build.id, filename, 0, {}, files::contentTypeOf(filename), parts_.clock.wall()};
    const auto servers = candidates(build);
    bool unreachable = std::ranges::find(servers, *build.server) == servers.end();
    for (const auto& server : servers) {
        const auto outcome = fetchFrom(server, build, *file, artifact);
        // Of the others, one that does not answer now says nothing: most of them never had it.
        unreachable = unreachable || (outcome == Outcome::Unreachable && server == build.server);
        if (outcome != Outcome::Stored)
            continue;
        // Somebody else's step of the same build is no reason to refuse the file; it is fetched again then.
        parts_.builds.change({build.state, build.revision, build, std::nullopt, {artifact}, {}});
        return artifact;
    }
    if (unreachable)
        throw Unavailable("The farm does not hold this file, and its build server cannot be reached",
                          "server_unavailable", std::chrono::seconds(30));
    noteMissing(build, filename);
    throw missing(filename);
}

bool RemoteFiles::wasMissing(const Build& build, const std::string& filename)
{
    return missing_.with([&](auto& missing) {
        const auto found = missing.find({build.id, filename});
        return found != missing.end() && parts_.clock.steady() - found->second < kMissingFor;
    });
}

void RemoteFiles::noteMissing(const Build& build, const std::string& filename)
{
    const auto now = parts_.clock.steady();
    missing_.with([&](auto& missing) {
        std::erase_if(missing, [&](const auto& entry) { return now - entry.second >= kMissingFor; });
        missing[{build.id, filename}] = now;
    });
}

RemoteFiles::Outcome RemoteFiles::fetchFrom(const ServerId& server, const Build& build, const fleet::RemoteFile& file,
                                            Artifact& artifact)
{
    fleet::ServerClient client(server, settings_.client);
    Place place(*this, client);
    const auto view = parts_.fleet.find(server);
    const int tries = server == build.server && view && view->answering ? settings_.tries : 1;
    for (int i = 1;; ++i) {
        const auto outcome = tryOnce(client, file, artifact);
        if (outcome != Outcome::Unreachable || i >= tries || !place.rest(settings_.pause))
            return outcome;
    }
}

RemoteFiles::Outcome RemoteFiles::tryOnce(fleet::ServerClient& client, const fleet::RemoteFile& file,
                                          Artifact& artifact)
{
    auto writer = parts_.artifacts.begin();
    const auto answer = client.download(artifact.build, file.filename, [&](std::string_view bytes) { writer.append(bytes); });
    if (std::holds_alternative<fleet::FileMissing>(answer))
        return Outcome::Missing;
    const auto* done = std::get_if<fleet::FileDone>(&answer);
    // V4: a package that is not as long as announced is not that package. A log may have grown since.
    if (!done || (file.size >= 0 && file.filename != kLog && done->size != static_cast<std::uint64_t>(file.size)))
        return Outcome::Unreachable;
    const auto stored = writer.finish(done->size);
    artifact.size = static_cast<std::int64_t>(stored.size);
    artifact.sha256 = stored.sha256;
    return Outcome::Stored;
}

void RemoteFiles::bringLog(const Build& build)
{
    if (!isFinal(build.state) || parts_.logs.lineCount(build.id) > 0)
        return;
    try {
        const auto held = parts_.builds.findArtifact(build.id, kLog);
        if (held && parts_.artifacts.has(held->sha256))
            return appendLog(build, *held);
        const auto view = build.server ? parts_.fleet.find(*build.server) : std::nullopt;
        // Whoever looks at a page must not wait for a server that is away.
        if (view && view->answering)
            appendLog(build, fetch(build, kLog));
    } catch (const NotFound&) {
        // Then there is none to show.
    } catch (const Unavailable&) {
        // The next viewer tries again.
    }
}

/// Two at once do no harm: the store takes each line only at its own place.
void RemoteFiles::appendLog(const Build& build, const Artifact& artifact)
{
    std::ifstream in(parts_.artifacts.pathOf(artifact.sha256), std::ios::binary);
    std::vector<std::string> lines;
    std::uint64_t first = 0;
    const auto flush = [&] {
        parts_.logs.append(build.id, first, lines);
        first += lines.size();
        lines.clear();
    };
    for (std::string line; std::getline(in, line);) {
        lines.push_back(std::move(line));
        if (lines.size() >= kLinesPerStep)
            flush();
    }
    flush();
    parts_.logs.seal(build.id);
}

} // namespace apbfarm::service
