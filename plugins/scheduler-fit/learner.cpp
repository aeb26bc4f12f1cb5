// SPDX-License-Identifier: MIT
#include "learner.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <vector>

namespace fit {

using namespace apbfarm;

namespace {

constexpr int kPage = 200;
constexpr std::size_t kMostFollowed = 20'000;

void takeUp(FitPolicy& policy, const Knowledge& stored)
{
    for (const auto& [package, learned] : stored.packages)
        policy.estimates().restorePackage(package, learned);
    for (const auto& [package, learned] : stored.packageMemory)
        policy.memory().restorePackage(package, learned);
    for (const auto& [server, learned] : stored.servers)
        policy.estimates().restoreServer(server, learned);
    for (const auto& [server, learned] : stored.serverMemory)
        policy.memory().restoreServer(server, learned);
}

template <class Key> void copyOne(const std::map<Key, Learned>& from, const Key& key, std::map<Key, Learned>& to)
{
    if (const auto found = from.find(key); found != from.end())
        to.insert(*found);
}

} // namespace

Learner::Learner(SharedPolicy& policy, ExtensionContext& context, std::chrono::milliseconds interval, int history)
    : policy_(policy), builds_(context.storage().builds()), memory_(context.storage()), logger_(context.logger()),
      interval_(interval), history_(history)
{
    // Here, because what waits in the queue is placed as soon as the farm has started.
    const auto stored = memory_.restore();
    knowsHistory_ = !stored.packages.empty();
    policy_.with([&](FitPolicy& policy) { takeUp(policy, stored); });
    for (const auto& build : builds_.listLive())
        if (build.server && !look(build.id))
            follow(build.id);
    thread_ = std::thread([this] { run(); });
}

Learner::~Learner()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Learner::follow(const BuildId& build)
{
    std::lock_guard lock(mutex_);
    if (followed_.size() < kMostFollowed)
        followed_.insert(build);
}

void Learner::run()
{
    for (;;) {
        try {
            if (!knowsHistory_)
                learnHistory();
            round();
        } catch (const Poco::Exception& error) {
            logger_.warning("Learning goes on later: %s", error.displayText());
        } catch (const std::exception& error) {
            logger_.warning("Learning goes on later: %s", std::string(error.what()));
        }
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, interval_, [this] { return stopping_; }))
            return;
    }
}

void Learner::learnHistory()
{
    const auto old = readHistory();
    std::vector<ReportedMemory> memory;   // read before the dispatcher has to wait
    for (const auto& build : old)
        memory.push_back(readMemory(build.serverRecord));
    Knowledge knowledge;
    policy_.with([&](FitPolicy& policy) {
        for (std::size_t i = 0; i < old.size(); ++i)
            learnFrom(policy, old[i], memory[i]);
        knowledge = {policy.estimates().packages(), policy.memory().packages(), policy.estimates().servers(),
                     policy.memory().servers()};
    });
    knowsHistory_ = true;   // before it is stored: nothing is learned twice
    memory_.store(knowledge);
}

/// Oldest first; without those that are followed, as their ends are seen anyway.
std::vector<Build> Learner::readHistory()
{
    std::vector<Build> builds;
    while (static_cast<int>(builds.size()) < history_) {
        const auto read = static_cast<int>(builds.size());
        const BuildQuery query{.status = BuildStatus::Completed, .limit = std::min(kPage, history_ - read), .offset = read};
        auto page = builds_.list(query);
        std::ranges::move(page, std::back_inserter(builds));
        if (static_cast<int>(page.size()) < query.limit)
            break;
    }
    // What ended between two pages moved the rest: one build is on both.
    std::set<BuildId> seen;
    std::lock_guard lock(mutex_);
    std::erase_if(builds, [&](const Build& one) { return followed_.contains(one.id) || !seen.insert(one.id).second; });
    std::ranges::reverse(builds);
    return builds;
}

void Learner::round()
{
    std::vector<BuildId> ids;
    {
        std::lock_guard lock(mutex_);
        ids.assign(followed_.begin(), followed_.end());
    }
    for (const auto& id : ids)
        if (look(id)) {
            std::lock_guard lock(mutex_);
            followed_.erase(id);
        }
}

/// True when there is nothing more to see.
bool Learner::look(const BuildId& id)
{
    const auto build = builds_.find(id);
    if (build && build->state == BuildState::Building && build->server && build->serverAvailable && build->startedAt) {
        policy_.with([&](FitPolicy& policy) { policy.running(*build, *build->server, toEpoch(*build->startedAt)); });
        return false;
    }
    const bool underWay = build && !isFinal(build->state);
    // A build that was placed a moment ago still lies there as queued.
    if (underWay && (build->serverAvailable || build->state == BuildState::Queued))
        return false;
    policy_.with([&](FitPolicy& policy) { policy.gone(id); });
    if (build && (build->state == BuildState::Completed || build->state == BuildState::Failed))
        learnAndStore(*build);
    return !underWay;
}

/// One that failed shows how much memory it needed at least, no more.
void Learner::learnFrom(FitPolicy& policy, const Build& build, const ReportedMemory& memory)
{
    if (!build.server || !build.startedAt || !build.endedAt || *build.endedAt <= *build.startedAt)
        return;
    if (build.state == BuildState::Completed)
        policy.learn(build, std::chrono::duration<double>(*build.endedAt - *build.startedAt).count(), toEpoch(*build.endedAt));
    policy.learn(build, memory, toEpoch(*build.endedAt));
}

void Learner::learnAndStore(const Build& build)
{
    const auto memory = readMemory(build.serverRecord);
    const Estimates::Package package{build.pkgname, build.architecture};
    const auto server = build.server.value_or("");
    Knowledge news;
    policy_.with([&](FitPolicy& policy) {
        learnFrom(policy, build, memory);
        copyOne(policy.estimates().packages(), package, news.packages);
        copyOne(policy.memory().packages(), package, news.packageMemory);
        copyOne(policy.estimates().servers(), server, news.servers);
        copyOne(policy.memory().servers(), server, news.serverMemory);
    });
    memory_.store(news);
}

} // namespace fit
