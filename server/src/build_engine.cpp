// SPDX-License-Identifier: MIT
#include "build_engine.h"

#include "system_info.h"

#include "util/worker.h"

#include <algorithm>

namespace apbfarm::server {

namespace {

constexpr double kNearlyFull = 95;   // percent

Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string lastWord(const RunResult& result)
{
    if (!result.remark.empty())
        return result.remark;
    if (result.exitCode == 0)
        return "Build completed successfully";
    return "Build failed with exit code " + std::to_string(result.exitCode);
}

/// A full disk takes the log's last lines, not the verdict.
void tellEnd(BuildLog& log, const BuildId& id, const std::string& text, const BuildEngine::Report& report)
{
    try {
        log.line(text);
        log.line("Build " + id + " finished");
    } catch (const std::exception& error) {
        report("the end of build " + id + " is not in its log: " + error.what());
    }
}

} // namespace

BuildEngine::BuildEngine(const Settings& settings, const Builder& builder, const Account& account, BuildTable& table,
                         Report report)
    : settings_(settings), builder_(builder), account_(account), table_(table), report_(std::move(report)),
      startedSinceRecreation_(settings.buildrootAutorecreate)
{
    for (const auto& record : table_.list())
        if (record.status == BuildStatus::Queued)
            queue_.push_back(record.id);
    for (int i = 0; i < settings_.maxConcurrent; ++i)
        threads_.emplace_back([this] { work(); });
}

BuildEngine::~BuildEngine()
{
    stop();
}

void BuildEngine::stop()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto& [id, slot] : running_)
            slot.stop->raise(StopCause::ServerStops);
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable())
            thread.join();
}

void BuildEngine::enqueue(const BuildId& id)
{
    {
        std::lock_guard lock(mutex_);
        queue_.push_back(id);
    }
    changed_.notify_one();
}

BuildEngine::CancelOutcome BuildEngine::cancel(const BuildId& id)
{
    bool known = false;
    const bool cancelled = table_.change(id, [&](BuildRecord& record) {
        known = true;
        if (record.isFinal())
            return false;
        record.status = BuildStatus::Cancelled;
        record.endedAt = now();
        return true;
    });
    if (!cancelled)
        return known ? CancelOutcome::AlreadyFinished : CancelOutcome::Unknown;

    bool waited = false;
    {
        std::lock_guard lock(mutex_);
        waited = std::erase(queue_, id) > 0;
        if (const auto slot = running_.find(id); slot != running_.end())
            slot->second.stop->raise(StopCause::Cancelled);
    }
    if (waited) {   // otherwise its slot's thread writes the end
        tellEnd(*table_.log(id), id, "Build cancelled", report_);
        table_.closeLog(id);
    }
    return CancelOutcome::Cancelled;
}

BuildEngine::Load BuildEngine::load() const
{
    std::lock_guard lock(mutex_);
    Load load;
    for (const auto& [id, slot] : running_)
        load.running.push_back({id, slot.recreatesBuildroot});
    load.queued = queue_.size();
    return load;
}

void BuildEngine::work()
{
    util::nameThread("build");
    while (const auto work = next()) {
        try {
            build(*work);
        } catch (const std::exception& error) {
            report_("build " + work->id + ": " + error.what());
        }
        release(work->id);
    }
}

bool BuildEngine::recreationIsDue() const
{
    return builder_.isBuildrootMissing()
           || (settings_.buildrootAutorecreate > 0 && startedSinceRecreation_ >= settings_.buildrootAutorecreate);
}

/// A buildroot is made anew while nobody else builds in it.
bool BuildEngine::mayStart() const
{
    if (queue_.empty())
        return false;
    const bool recreating = std::ranges::any_of(running_, [](const auto& slot) { return slot.second.recreatesBuildroot; });
    return !recreating && (running_.empty() || !recreationIsDue());
}

std::optional<BuildEngine::Work> BuildEngine::next()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || mayStart(); });
    if (stopping_)
        return std::nullopt;
    Work work{queue_.front(), std::make_shared<StopSignal>(), recreationIsDue()};
    queue_.pop_front();
    startedSinceRecreation_ = work.recreateBuildroot ? 1 : startedSinceRecreation_ + 1;
    running_.emplace(work.id, Slot{work.stop, work.recreateBuildroot});
    return work;
}

void BuildEngine::release(const BuildId& id)
{
    {
        std::lock_guard lock(mutex_);
        running_.erase(id);
    }
    changed_.notify_all();
}

void BuildEngine::build(const Work& work)
{
    const auto log = table_.log(work.id);
    if (!log)
        return;
    if (begin(work.id))
        end(work.id, run(work, *log), *log);
    else
        tellEnd(*log, work.id, "Build cancelled", report_);
    table_.closeLog(work.id);
    makeRoom();
}

/// A nearly full disk would fail the next build: old results go first.
void BuildEngine::makeRoom()
{
    if (diskUse(settings_.buildsDir).percentage < kNearlyFull)
        return;
    if (const auto removed = table_.removeEndedBefore(now() - settings_.keepBuilds))
        report_("the disk is nearly full: removed " + std::to_string(removed) + " old builds");
}

bool BuildEngine::begin(const BuildId& id)
{
    return table_.change(id, [](BuildRecord& record) {
        if (record.status != BuildStatus::Queued)
            return false;   // cancelled meanwhile
        record.status = BuildStatus::Building;
        record.startedAt = now();
        if (const auto memory = usableMemory())
            record.serverMemory = memory;
        return true;
    });
}

RunResult BuildEngine::run(const Work& work, BuildLog& log)
{
    const auto record = *table_.find(work.id);
    BuildRun run(settings_, builder_, account_, log, *work.stop);
    log.line("Starting build for " + record.pkgname);
    if (work.recreateBuildroot) {
        const auto recreated = run.recreateBuildroot(record);
        {
            std::lock_guard lock(mutex_);
            running_[work.id].recreatesBuildroot = false;
        }
        changed_.notify_all();
        if (recreated.end != RunEnd::Exited || recreated.exitCode != 0)
            return recreated;
    }
    return run.run(record, table_.folderOf(work.id));
}

void BuildEngine::end(const BuildId& id, const RunResult& result, BuildLog& log)
{
    tellEnd(log, id, lastWord(result), report_);
    const bool succeeded = result.end == RunEnd::Exited && result.exitCode == 0;
    table_.change(id, [&](BuildRecord& record) {
        if (record.status != BuildStatus::Building)
            return false;   // cancelled: that verdict stands
        record.status = succeeded ? BuildStatus::Completed : BuildStatus::Failed;
        record.exitCode = result.exitCode;
        record.packages = result.packages;
        record.endedAt = now();
        if (result.peakMemory)
            record.peakMemory = result.peakMemory;
        return true;
    });
    report_("build " + id + ": " + lastWord(result));
}

} // namespace apbfarm::server
