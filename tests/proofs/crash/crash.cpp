// SPDX-License-Identifier: MIT
#include "proofs/crash/crash.h"

#include "proofs/live/book.h"
#include "proofs/live/end.h"
#include "proofs/live/people.h"
#include "proofs/live/witnesses.h"
#include "support/farm_process.h"

#include <random>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kQuick = 300, kFull = 30'000;
constexpr std::uint64_t kReport = 500;     // cycles between two lines
constexpr int kRechecks = 3;               // closed builds looked at again in each cycle
constexpr auto kSettled = 180s;            // for all builds to end, once nobody kills any more

/// What one cycle does; follows from the seed and its number.
struct Moment {
    bool starting = false;   ///< killed before it listens, not after
    int wait = 0;            ///< ms from there
};

Moment momentOf(std::uint64_t seed, std::uint64_t cycle)
{
    std::mt19937_64 random(seed * 1'000'003 + cycle);
    Moment moment;
    moment.starting = random() % 5 == 0;
    if (moment.starting)
        moment.wait = static_cast<int>(random() % 120);
    else
        moment.wait = static_cast<int>(random() % 12 == 0 ? 300 + random() % 500 : random() % 160);
    return moment;
}

/// Intervals in which a cycle sees something of everything.
const std::map<std::string, std::string> kProperties{
    {"follow.statusInterval", "40ms"}, {"follow.logInterval", "20ms"}, {"settle.notFoundGap", "100ms"},
    {"dispatch.interval", "200ms"}};

class Cycles {
public:
    Cycles(std::uint64_t seed, Tally& tally)
        : seed_(seed), tally_(tally), random_(seed), complain_([this](const std::string& what) { complain(what); }),
          book_(complain_), witnesses_({{"x86_64", 4}, {"x86_64", 2}, {"aarch64", 3}}, seed, 15ms),
          farm_(witnesses_.addresses(), kProperties)
    {
    }

    void run(const Options& options, std::uint64_t count)
    {
        farm_.start();
        const auto token = farm_.tokenOf("admin", "admin123");
        {
            Reader reader(farm_, book_, witnesses_, token);
            Maintainer alice(farm_, book_, token, "a", seed_, {}), bob(farm_, book_, token, "b", seed_ + 1, {});
            const auto begin = std::chrono::steady_clock::now();
            while (cycle_ < count && !(options.time && std::chrono::steady_clock::now() - begin > *options.time))
                oneCycle(reader);
            alice.stop();
            bob.stop();
            waitUntilSettled(book_, kSettled);
        }
        checkEnd({farm_, book_, witnesses_, complain_, &tally_});
        tally_.say(std::to_string(cycle_) + " kills, " + std::to_string(starts_) + " of them before it listened");
    }

private:
    void oneCycle(Reader& reader)
    {
        const auto complaints = complaints_.load();
        const auto moment = momentOf(seed_, cycle_);
        if (moment.starting) {
            ++starts_;
            farm_.kill();
            farm_.launch();
            ::poll(nullptr, 0, moment.wait);
        } else {
            ::poll(nullptr, 0, moment.wait);
        }
        farm_.kill();
        farm_.start();
        recheckSome(reader);
        ++cycle_;
        if (complaints_ == complaints)
            tally_.passed();
        if (cycle_ % kReport == 0)
            tally_.say(std::to_string(cycle_) + " kills, " + std::to_string(book_.acceptedCount()) + " builds acknowledged");
    }

    /// What was seen before the kill is the same after it.
    void recheckSome(Reader& reader)
    {
        if (cycle_ % 20 == 0)
            closed_ = book_.closed();
        for (int i = 0; i < kRechecks && !closed_.empty(); ++i)
            reader.recheck(closed_[random_() % closed_.size()]);
    }

    void complain(const std::string& what)
    {
        ++complaints_;
        tally_.failed("seed " + std::to_string(seed_) + ", kill " + std::to_string(cycle_) + ": " + what +
                      " (again: tests/prove crash --seed " + std::to_string(seed_) + " --count " +
                      std::to_string(cycle_ + 1) + ")");
    }

    std::uint64_t seed_;
    Tally& tally_;
    std::mt19937_64 random_;
    Complain complain_;
    Book book_;
    Witnesses witnesses_;
    test::FarmProcess farm_;
    std::vector<BuildId> closed_;
    std::atomic<std::uint64_t> cycle_ = 0, complaints_ = 0;
    std::uint64_t starts_ = 0;
};

}

void crash(const Options& options, Tally& tally)
{
    const auto seed = options.seed.value_or(std::random_device{}());
    const auto count = options.size(options.time ? UINT64_MAX : kQuick, options.time ? UINT64_MAX : kFull);
    tally.say("seed " + std::to_string(seed));
    Cycles(seed, tally).run(options, count);
    readyAgain(options, tally);
}

}
