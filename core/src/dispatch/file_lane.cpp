// SPDX-License-Identifier: MIT
#include "dispatch/file_lane.h"

#include <algorithm>

namespace apbfarm::dispatch {

namespace {

/// A file that a server listed and then denied this often is not there.
constexpr int kDenials = 3;

std::string listOf(const std::map<std::string, int>& missing)
{
    std::string names;
    for (const auto& [name, count] : missing)
        if (count >= kDenials)
            names += (names.empty() ? "" : ", ") + name;
    return names;
}

} // namespace

FileLane::FileLane(const LaneContext& context, LogTail& tail, files::ArtifactStore& artifacts)
    : context_(context), tail_(tail), artifacts_(artifacts), client_(context.server, context.client),
      worker_("files",
              context.tasks.watched("files", "Fetches logs and packages of builds that ended", [this] { return step(); }),
              context.report)
{
}

void FileLane::secure(const BuildId& build)
{
    const auto now = context_.clock.steady();
    pending_.with([&](auto& pending) { pending.try_emplace(build, Pending{now, now, 0, {}, {}}); });
    worker_.wake();
}

void FileLane::stop()
{
    client_.abort();
    worker_.stop();
}

std::optional<std::chrono::milliseconds> FileLane::step()
{
    const auto now = context_.clock.steady();
    const auto due = pending_.with([&](const auto& pending) {
        std::vector<BuildId> ids;
        for (const auto& [id, entry] : pending)
            if (entry.due <= now)
                ids.push_back(id);
        return ids;
    });
    for (const auto& build : due)
        work(build);
    return pending_.with([&](const auto& pending) -> std::optional<std::chrono::milliseconds> {
        if (pending.empty())
            return std::nullopt;
        const auto next = std::ranges::min_element(pending, {}, [](const auto& p) { return p.second.due; });
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next->second.due - context_.clock.steady());
        return std::max(left, std::chrono::milliseconds(0));
    });
}

void FileLane::work(const BuildId& build)
{
    const auto live = context_.ledger.findLive(build);
    if (!live || !live->ending) {
        pending_.with([&](auto& pending) { pending.erase(build); });
        return;
    }
    auto entry = pending_.with([&](auto& pending) { return pending[build]; });
    std::string trouble;
    if (collect(build, entry, trouble) == Outcome::Done)
        return finish(build, entry, listOf(entry.missing).empty() ? "" : "The server no longer has " + listOf(entry.missing));
    const auto now = context_.clock.steady();
    if (now - entry.since >= context_.pace().fileGiveUp) {
        context_.report("Files of build " + build + " are given up: " + trouble);
        return finish(build, entry, "Not all files could be fetched from the build server");
    }
    entry.due = now + backOffAfter(++entry.failures, context_.pace());
    pending_.with([&](auto& pending) { pending[build] = std::move(entry); });
}

FileLane::Outcome FileLane::collect(const BuildId& build, Pending& pending, std::string& trouble)
{
    if (!drainLog(build)) {
        trouble = "the rest of the log could not be read";
        return Outcome::Retry;
    }
    const auto answer = client_.status(build);
    if (const auto* error = std::get_if<fleet::CallError>(&answer)) {
        trouble = error->text;
        return Outcome::Retry;
    }
    const auto* remote = std::get_if<fleet::RemoteBuild>(&answer);
    if (!remote) {
        // Forgotten after it had ended: nothing is left to fetch.
        pending.missing["its files"] = kDenials;
        return Outcome::Done;
    }
    // It was over once. What is listed by an answer that denies it may not be all (L9).
    if (!remote->status || !life::isOver(*remote->status)) {
        trouble = "the server does not say any more that the build is over";
        return Outcome::Retry;
    }
    auto outcome = Outcome::Done;
    for (const auto* list : {&remote->packages, &remote->logs})
        for (const auto& file : *list)
            if (fetch(build, file, pending, trouble) == Outcome::Retry)
                outcome = Outcome::Retry;
    return outcome;
}

FileLane::Outcome FileLane::fetch(const BuildId& build, const fleet::RemoteFile& file, Pending& pending,
                                  std::string& trouble)
{
    if (pending.done.contains(file.filename) || pending.missing[file.filename] >= kDenials)
        return Outcome::Done;
    auto writer = artifacts_.begin();
    const auto answer = client_.download(build, file.filename, [&](std::string_view bytes) { writer.append(bytes); });
    if (std::holds_alternative<fleet::FileMissing>(answer))
        return ++pending.missing[file.filename] >= kDenials ? Outcome::Done : Outcome::Retry;
    pending.missing.erase(file.filename);
    if (const auto* error = std::get_if<fleet::CallError>(&answer)) {
        trouble = error->text;
        return Outcome::Retry;
    }
    const auto size = std::get<fleet::FileDone>(answer).size;
    // A log may still have grown between the listing and the download; a package may not.
    const bool grown = file.filename.ends_with(".log") && size > static_cast<std::uint64_t>(file.size);
    if (file.size >= 0 && !grown && size != static_cast<std::uint64_t>(file.size)) {
        trouble = file.filename + " is not as long as announced";
        return Outcome::Retry;
    }
    const auto stored = writer.finish(size);
    pending.done[file.filename] = {build, file.filename, static_cast<std::int64_t>(stored.size), stored.sha256,
                                   files::contentTypeOf(file.filename), context_.clock.wall()};
    return Outcome::Done;
}

/// False when the server did not say whether there is more (D8).
bool FileLane::drainLog(const BuildId& build)
{
    auto progress = LogTail::Progress::More;
    while (progress == LogTail::Progress::More)
        progress = tail_.pull(client_, build);
    return progress != LogTail::Progress::NoAnswer;
}

void FileLane::finish(const BuildId& build, const Pending& pending, const std::string& givenUp)
{
    std::vector<Artifact> artifacts;
    for (const auto& [_, artifact] : pending.done)
        artifacts.push_back(artifact);
    context_.ledger.applyFrom(context_.server, build, life::FilesSecured{givenUp}, std::move(artifacts));
    pending_.with([&](auto& entries) { entries.erase(build); });
}

} // namespace apbfarm::dispatch
