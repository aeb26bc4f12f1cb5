// SPDX-License-Identifier: MIT
#include "proofs/soak/soak.h"

#include "proofs/live/end.h"
#include "proofs/live/people.h"
#include "proofs/slow/honest.h"
#include "proofs/soak/samples.h"

#include <algorithm>
#include <deque>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kQuick = 2'000, kFull = 1'000'000;   // builds
constexpr auto kQuickTime = 120s;
constexpr std::size_t kSamples = 60;
constexpr std::size_t kLargestPackage = 20'000;
constexpr int kPeople = 3, kWatchers = 3;
constexpr auto kSettled = 180s;

/// Everything that happens now and then happens often. What is kept fits into a few mebibytes, so that sweeping has
/// something to do all the time.
const std::map<std::string, std::string> kProperties{
    {"follow.statusInterval", "50ms"},   {"follow.logInterval", "30ms"},  {"dispatch.interval", "200ms"},
    {"cache.cleanupInterval", "2s"},     {"cache.maxSize", "8MB"},        {"tokens.cleanupInterval", "5s"},
    {"limits.queuePerUser", "1000000"}};

/// Somebody who watches the logs of running builds, one after the other.
class Watcher {
public:
    Watcher(const test::FarmProcess& farm, const Book& book, std::uint64_t seed)
        : farm_(farm), book_(book), random_(seed), thread_([this] { work(); })
    {
    }
    ~Watcher()
    {
        stopping_ = true;
        thread_.join();
    }

private:
    void work()
    {
        while (!stopping_) {
            ::poll(nullptr, 0, 50);
            const auto open = book_.open();
            if (!open.empty())
                watch(open[random_() % open.size()]);
        }
    }

    void watch(const BuildId& build)
    {
        try {
            test::EventStreamClient stream(farm_.guest(), "/build/" + build + "/stream", {}, 10s);
            for (auto event = stream.next(); event && event->type != "complete" && !stopping_; event = stream.next()) {
            }
        } catch (const std::exception&) {
            // It waits for a server for longer than anybody watches.
        }
    }

    const test::FarmProcess& farm_;
    const Book& book_;
    std::mt19937_64 random_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

class Soak {
public:
    Soak(std::uint64_t seed, Tally& tally)
        : seed_(seed), tally_(tally), complain_([this](const std::string& what) { complain(what); }), book_(complain_),
          witnesses_({{"x86_64", 6}, {"x86_64", 4}, {"aarch64", 4}}, seed, 10ms, kLargestPackage),
          farm_(witnesses_.addresses(), kProperties)
    {
    }

    void run(std::uint64_t builds, std::chrono::seconds time)
    {
        farm_.start();
        const auto token = farm_.tokenOf("admin", "admin123");
        {
            Reader reader(farm_, book_, witnesses_, token);
            std::deque<Maintainer> people;
            for (int i = 0; i < kPeople; ++i)
                people.emplace_back(farm_, book_, token, std::string(1, static_cast<char>('a' + i)),
                                    seed_ + static_cast<std::uint64_t>(i), Maintainer::Habits{.pause = 5ms, .mostOpen = 40, .cancelsOneIn = 10});
            std::deque<Watcher> watchers;
            for (int i = 0; i < kWatchers; ++i)
                watchers.emplace_back(farm_, book_, seed_ + 100 + static_cast<std::uint64_t>(i));
            watch(builds, time);
            for (auto& one : people)
                one.stop();
            waitUntilSettled(book_, kSettled);
        }
        judge(samples_, tally_);
        checkEnd({farm_, book_, witnesses_, complain_, &tally_});
        tally_.passed(book_.acceptedCount() - std::min<std::size_t>(complaints_, book_.acceptedCount()));
    }

private:
    /// Samples until there were so many builds or that much time.
    void watch(std::uint64_t builds, std::chrono::seconds time)
    {
        Honest honest(farm_.port());
        const auto begin = std::chrono::steady_clock::now();
        const auto elapsed = [&] { return std::chrono::steady_clock::now() - begin; };
        const auto share = [&] {
            return std::max(static_cast<double>(book_.acceptedCount()) / static_cast<double>(builds),
                            std::chrono::duration<double>(elapsed()) / std::chrono::duration<double>(time));
        };
        for (std::size_t i = 1; i <= kSamples; ++i) {
            while (share() < static_cast<double>(i) / kSamples)
                ::poll(nullptr, 0, 50);
            auto sample = sampleOf(farm_.process().pid());
            sample.seconds = std::chrono::duration<double>(elapsed()).count();
            sample.builds = static_cast<double>(book_.acceptedCount() - book_.openCount());
            sample.answer = honest.times().at(0.99);
            samples_.push_back(sample);
        }
    }

    void complain(const std::string& what)
    {
        ++complaints_;
        tally_.failed("seed " + std::to_string(seed_) + ": " + what + " (again: tests/prove soak --seed " +
                      std::to_string(seed_) + ")");
    }

    std::uint64_t seed_;
    Tally& tally_;
    std::atomic<std::size_t> complaints_ = 0;
    Complain complain_;
    Book book_;
    Witnesses witnesses_;
    test::FarmProcess farm_;
    std::vector<Sample> samples_;
};

}

void soak(const Options& options, Tally& tally)
{
    const auto seed = options.seed.value_or(std::random_device{}());
    tally.say("seed " + std::to_string(seed));
    const auto builds = options.time && !options.count ? kFull : options.size(kQuick, kFull);
    Soak(seed, tally).run(builds, options.time.value_or(options.quick ? kQuickTime : std::chrono::hours(1000)));
}

}
