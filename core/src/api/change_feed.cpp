// SPDX-License-Identifier: MIT
#include "api/change_feed.h"

#include <set>
#include <utility>

namespace apbfarm::api {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenRounds{250};
constexpr milliseconds kLookAround{1000};
constexpr std::size_t kTopicsKept = 512;

std::string event(std::uint64_t position, const std::string& topics)
{
    return "id: " + std::to_string(position) + "\nevent: changed\ndata: " + topics + "\n\n";
}

} // namespace

std::size_t fingerprintOf(const fleet::Fleet& fleet)
{
    std::string state;
    for (const auto& server : fleet.list()) {
        const auto& seen = server.snapshot;
        state += seen.id + ' ' + seen.architecture + ' ' + std::string(toText(seen.health)) + ' ';
        for (const int number : {seen.slots, seen.freeSlots, seen.building, seen.queued, server.failures > 0 ? 1 : 0,
                                 seen.recreatingBuildroot ? 1 : 0, server.drained ? 1 : 0})
            state += std::to_string(number) + ' ';
        for (const auto& build : server.builds)
            state += build + ' ';
    }
    return std::hash<std::string>()(state);
}

ChangeFeed::ChangeFeed(const util::Clock& clock, std::function<std::size_t()> fingerprint,
                       util::Worker::OnError onError)
    : clock_(clock), fingerprint_(std::move(fingerprint)),
      worker_("page-changes", [this] { return round(); }, std::move(onError))
{
}

void ChangeFeed::changed(const std::string& topic)
{
    topics_.with([&](Topics& topics) {
        topics.kept.push_back(topic);
        if (topics.kept.size() > kTopicsKept) {
            topics.kept.pop_front();
            ++topics.first;
        }
    });
    worker_.wake();
}

std::uint64_t ChangeFeed::now() const
{
    return topics_.with([](const Topics& topics) { return topics.announced; });
}

EventBlock ChangeFeed::at(std::uint64_t position)
{
    return topics_.with([&](const Topics& topics) -> EventBlock {
        if (position >= topics.announced)
            return {nullptr, position, false};
        std::string text;
        if (position < topics.first) {
            text = "*";
        } else {
            const auto at = [&](std::uint64_t place) {
                return topics.kept.begin() + static_cast<std::ptrdiff_t>(place - topics.first);
            };
            for (const auto& topic : std::set<std::string>(at(position), at(topics.announced)))
                text += (text.empty() ? "" : " ") + topic;
        }
        return {std::make_shared<const std::string>(event(topics.announced, text)), topics.announced, false};
    });
}

std::optional<milliseconds> ChangeFeed::round()
{
    const auto now = clock_.steady();
    const auto since = std::chrono::duration_cast<milliseconds>(now - lastRound_);
    if (lastRound_ != util::Instant{} && since < kBetweenRounds)
        return kBetweenRounds - since;
    lastRound_ = now;
    if (const auto fingerprint = fingerprint_(); fingerprint != lastFingerprint_) {
        lastFingerprint_ = fingerprint;
        topics_.with([](Topics& topics) { topics.kept.emplace_back("farm"); });
    }
    if (announce())
        viewers_.wakeAll();
    return kLookAround;
}

bool ChangeFeed::announce()
{
    return topics_.with([](Topics& topics) {
        const auto end = topics.first + topics.kept.size();
        return std::exchange(topics.announced, end) != end;
    });
}

} // namespace apbfarm::api
