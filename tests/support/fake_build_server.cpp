// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"

#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::test {

double FakeBuildServer::now()
{
    return toEpoch(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

FakeBuildServer::FakeBuildServer(std::string architecture, int slots)
    : architecture_(std::move(architecture)), slots_(slots),
      listener_([this](FakeConnection& connection) { serve(connection); })
{
}

FakeBuildServer::~FakeBuildServer()
{
    listener_.close();
}

std::string FakeBuildServer::url() const
{
    return "http://127.0.0.1:" + std::to_string(listener_.port());
}

void FakeBuildServer::setArchitecture(const std::string& architecture)
{
    std::lock_guard lock(mutex_);
    architecture_ = architecture;
}

void FakeBuildServer::setSlots(int slots)
{
    std::lock_guard lock(mutex_);
    slots_ = slots;
    startQueued();
}

void FakeBuildServer::setRecreatingBuildroot(bool busy)
{
    std::lock_guard lock(mutex_);
    recreatingBuildroot_ = busy;
}

void FakeBuildServer::setGeneration(int generation)
{
    std::lock_guard lock(mutex_);
    generation_ = generation;
}

void FakeBuildServer::setSlowInfo(std::chrono::milliseconds time)
{
    std::lock_guard lock(mutex_);
    slowInfo_ = time;
}

void FakeBuildServer::setCancelIsALabel(bool label)
{
    std::lock_guard lock(mutex_);
    cancelIsALabel_ = label;
}

void FakeBuildServer::finishAtOnce(std::optional<BuildStatus> status)
{
    std::lock_guard lock(mutex_);
    atOnce_ = status;
}

void FakeBuildServer::appendLog(const BuildId& build, const std::string& line)
{
    std::lock_guard lock(mutex_);
    records_.at(build).log.push_back(line);
}

void FakeBuildServer::beginFinish(const BuildId& build, BuildStatus status)
{
    std::lock_guard lock(mutex_);
    records_.at(build).status = status;
    startQueued();
}

void FakeBuildServer::finish(const BuildId& build, BuildStatus status, std::vector<FakeFile> packages)
{
    std::lock_guard lock(mutex_);
    finishLocked(build, records_.at(build), status, std::move(packages));
}

void FakeBuildServer::finishLocked(const BuildId& build, Record& record, BuildStatus status,
                                   std::vector<FakeFile> packages)
{
    record.status = status;
    record.exitCode = status == BuildStatus::Completed ? 0 : 4;
    record.log.push_back(status == BuildStatus::Completed ? "Build completed successfully" : "Build failed");
    record.packages.clear();
    for (auto& file : packages) {
        record.packages.push_back(file.name);
        auto& place = files_[build][file.name];
        place = std::move(file);
    }
    files_[build]["build.log"] = {"build.log", util::join(record.log, "\n") + "\n"};
    record.endTime = now();
    record.startTime = record.startTime.value_or(record.createdAt);
    record.settled = true;
    startQueued();
    changed_.notify_all();
}

void FakeBuildServer::addForeignBuild(const BuildId& build, const std::string& pkgname, BuildStatus status)
{
    std::lock_guard lock(mutex_);
    auto& record = records_[build];
    record.pkgname = pkgname;
    record.status = status;
    record.createdAt = now();
    order_.push_back(build);
    if (status != BuildStatus::Queued)
        record.startTime = record.createdAt;
    if (status == BuildStatus::Completed || status == BuildStatus::Failed)
        finishLocked(build, record, status, {});
}

void FakeBuildServer::forget(const BuildId& build)
{
    std::lock_guard lock(mutex_);
    records_.erase(build);
    std::erase(order_, build);
    startQueued();
}

void FakeBuildServer::restart()
{
    listener_.close();
    {
        std::lock_guard lock(mutex_);
        records_.clear();
        order_.clear();
    }
    listener_.open();
}

void FakeBuildServer::goDown()
{
    listener_.close();
}

void FakeBuildServer::comeUp()
{
    listener_.open();
}

void FakeBuildServer::misbehave(Misbehaviour misbehaviour)
{
    std::lock_guard lock(mutex_);
    faults_.push_back(std::move(misbehaviour));
}

void FakeBuildServer::behave()
{
    {
        std::lock_guard lock(mutex_);
        faults_.clear();
    }
    listener_.hangUp();
}

void FakeBuildServer::onlyCount()
{
    std::lock_guard lock(mutex_);
    onlyCounts_ = true;
    requests_.clear();
    submissions_.clear();
}

std::vector<FakeBuildServer::Submission> FakeBuildServer::submissions() const
{
    std::lock_guard lock(mutex_);
    return submissions_;
}

std::map<BuildId, int> FakeBuildServer::acceptedCount() const
{
    std::lock_guard lock(mutex_);
    std::map<BuildId, int> counts;
    for (const auto& submission : submissions_)
        if (submission.accepted)
            ++counts[submission.build];
    return counts;
}

std::optional<BuildStatus> FakeBuildServer::statusOf(const BuildId& build) const
{
    std::lock_guard lock(mutex_);
    const auto record = records_.find(build);
    return record == records_.end() ? std::nullopt : std::optional(record->second.status);
}

std::vector<FakeBuildServer::Running> FakeBuildServer::running() const
{
    std::lock_guard lock(mutex_);
    std::vector<Running> list;
    for (const auto& id : order_)
        if (const auto& record = records_.at(id); record.status == BuildStatus::Building)
            list.push_back({id, record.pkgname, record.log.size()});
    return list;
}

std::vector<std::string> FakeBuildServer::logOf(const BuildId& build) const
{
    std::lock_guard lock(mutex_);
    const auto found = records_.find(build);
    return found == records_.end() ? std::vector<std::string>() : found->second.log;
}

int FakeBuildServer::peakBuilding() const
{
    std::lock_guard lock(mutex_);
    return peakBuilding_;
}

std::vector<FakeRequest> FakeBuildServer::requestsWithHeaders() const
{
    std::lock_guard lock(mutex_);
    return requests_;
}

std::vector<std::string> FakeBuildServer::requests() const
{
    std::vector<std::string> lines;
    for (const auto& request : requestsWithHeaders())
        lines.push_back(request.method + ' ' + request.target);
    return lines;
}

bool FakeBuildServer::waitForAccepted(const BuildId& build, std::chrono::milliseconds atMost)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, atMost, [&] {
        return std::ranges::any_of(submissions_, [&](const auto& s) { return s.build == build && s.accepted; });
    });
}

bool FakeBuildServer::waitForRequests(const std::string& part, int count, std::chrono::milliseconds atMost)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, atMost, [&] {
        return std::ranges::count_if(requests_, [&](const auto& request) {
            return (request.method + ' ' + request.target).find(part) != std::string::npos;
        }) >= count;
    });
}

} // namespace apbfarm::test
