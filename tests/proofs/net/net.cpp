// SPDX-License-Identifier: MIT
#include "proofs/net/net.h"

#include "proofs/live/end.h"
#include "proofs/live/people.h"
#include "proofs/net/fault_proxy.h"
#include "proofs/net/stopper.h"

#include <algorithm>
#include <fstream>
#include <random>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kQuick = 20, kFull = 10'000;   // builds of each kind
constexpr std::size_t kAtOnce = 4;                     // kinds
constexpr std::size_t kLargestPackage = 3000;
constexpr auto kSettled = 180s;

enum class Where { Servers, Clients, StoppedServers, StoppedFarm };

struct Kind {
    const char* name;
    Where where;
    NetFault fault = NetFault::None;
};

constexpr Kind kKinds[] = {
    {"refuse", Where::Servers, NetFault::Refuse},
    {"blackhole", Where::Servers, NetFault::Blackhole},
    {"reset-before-body", Where::Servers, NetFault::ResetBeforeBody},
    {"reset-after-body", Where::Servers, NetFault::ResetAfterBody},
    {"reply-lost", Where::Servers, NetFault::ReplyLost},
    {"half-open", Where::Servers, NetFault::HalfOpen},
    {"slow", Where::Servers, NetFault::Slow},
    {"flap", Where::Servers, NetFault::Flap},
    {"asymmetric", Where::Servers, NetFault::Asymmetric},
    {"wrong-answer", Where::Servers, NetFault::WrongAnswer},
    {"cut-answer", Where::Servers, NetFault::CutAnswer},
    {"stopped-server", Where::StoppedServers},
    {"stopped-farm", Where::StoppedFarm},
    {"client-reset-after-body", Where::Clients, NetFault::ResetAfterBody},
    {"client-reply-lost", Where::Clients, NetFault::ReplyLost},
    {"client-half-open", Where::Clients, NetFault::HalfOpen},
    {"client-cut-answer", Where::Clients, NetFault::CutAnswer},
};

/// The farm waits less than a second for anything, and what it does not get in time comes a third of a second late at
/// most. The proof of absence takes several times as long and several questions, as it does with the documented times.
const std::map<std::string, std::string> kProperties{
    {"follow.statusInterval", "150ms"}, {"follow.logInterval", "20ms"},      {"dispatch.interval", "200ms"},
    {"follow.probeInterval", "100ms"},  {"settle.notFoundGap", "1500ms"},    {"server.connectTimeout", "500ms"},
    {"server.answerTimeout", "300ms"},  {"server.submitTimeout", "400ms"},   {"server.stallTimeout", "300ms"},
    {"queue.holdOfflineArchitectures", "true"}};

/// One kind of trouble with a farm, servers and people of its own.
class Trouble {
public:
    Trouble(const Kind& kind, std::uint64_t seed, Tally& tally)
        : kind_(kind), seed_(seed), tally_(tally),
          complain_([this](const std::string& what) { complain(what); }), book_(complain_),
          witnesses_({{"x86_64", 3}, {"x86_64", 3}}, seed, 15ms, kLargestPackage), farm_(putBetween(), kProperties)
    {
    }

    void run(std::uint64_t builds)
    {
        farm_.start();
        const auto token = farm_.tokenOf("admin", "admin123");
        {
            Reader reader(farm_, book_, witnesses_, token);
            use(token, builds);
            proxies_.clear();
            for (auto& proxy : towardsServers_)
                proxy.heal();
            waitUntilSettled(book_, kSettled);
        }
        checkEnd({farm_, book_, witnesses_, complain_, &tally_, kind_.name});
        if (complaints_ == 0)
            tally_.passed(book_.acceptedCount());
    }

private:
    /// The addresses of the servers, or of what stands before them.
    test::FarmProcess::Servers putBetween()
    {
        auto addresses = witnesses_.addresses();
        for (auto& [_, url] : addresses) {
            const auto target = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
            std::uint16_t port = target;
            if (kind_.where == Where::Servers)
                port = towardsServers_.emplace_back(kind_.fault, seed_ * 31 + towardsServers_.size(), target).port();
            else if (kind_.where == Where::StoppedServers)
                port = relays_.emplace_back(target).port();
            url = "http://127.0.0.1:" + std::to_string(port);
        }
        return addresses;
    }

    void use(const std::string& token, std::uint64_t builds)
    {
        Maintainer::Habits habits{.pause = 20ms, .mostOpen = 12, .architectures = {"'x86_64'"},
                                  .submissions = (builds + 1) / 2};
        if (kind_.where == Where::Clients)
            habits.through = proxies_.emplace_back(kind_.fault, seed_ * 31, farm_.port()).port();
        std::list<Stopper> stoppers;
        for (auto& relay : relays_)
            stoppers.emplace_back(relay.pid(), seed_ + stoppers.size());
        if (kind_.where == Where::StoppedFarm)
            stoppers.emplace_back(farm_.process().pid(), seed_);
        Maintainer alice(farm_, book_, token, "a", seed_, habits), bob(farm_, book_, token, "b", seed_ + 1, habits);
        while (!alice.isDone() || !bob.isDone())
            ::poll(nullptr, 0, 20);
        // Most of the trouble comes while builds run: it goes on until half of them have ended.
        test::eventually([&] { return book_.openCount() <= 6; }, 20s);
        say(stoppers);
    }

    void say(const std::list<Stopper>& stoppers)
    {
        std::uint64_t connections = 0, harm = 0;
        for (const auto* list : {&towardsServers_, &proxies_})
            for (const auto& proxy : *list) {
                connections += proxy.connections();
                harm += proxy.faults();
            }
        for (const auto& stopper : stoppers)
            harm += stopper.stops();
        tally_.say(std::string(kind_.name) + ": " + std::to_string(connections) + " connections, harm done " +
                   std::to_string(harm) + " times");
        if (harm == 0)
            complain("no harm was done");
    }

    void complain(const std::string& what)
    {
        ++complaints_;
        tally_.failed(std::string(kind_.name) + ", seed " + std::to_string(seed_) + ": " + what +
                      " (again: tests/prove net " + kind_.name + " --seed " + std::to_string(seed_) + ")");
    }

    const Kind& kind_;
    std::uint64_t seed_;
    Tally& tally_;
    std::atomic<int> complaints_ = 0;
    Complain complain_;
    Book book_;
    Witnesses witnesses_;
    std::list<FaultProxy> towardsServers_, proxies_;
    std::list<Relay> relays_;
    test::FarmProcess farm_;
};

std::vector<const Kind*> kindsFor(const Options& options)
{
    std::vector<const Kind*> kinds;
    for (const auto& kind : kKinds)
        if (options.words.empty() || std::ranges::find(options.words, kind.name) != options.words.end())
            kinds.push_back(&kind);
    return kinds;
}

}

void net(const Options& options, Tally& tally)
{
    if (options.words.size() == 3 && options.words.front() == "relay")
        return relay(static_cast<std::uint16_t>(std::stoi(options.words[1])), options.words[2]);
    const auto seed = options.seed.value_or(std::random_device{}());
    const auto builds = options.size(kQuick, kFull);
    const auto kinds = kindsFor(options);
    tally.say("seed " + std::to_string(seed) + ", " + std::to_string(kinds.size()) + " kinds of trouble, " +
              std::to_string(builds) + " builds each");
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (auto i = next++; i < kinds.size(); i = next++)
            try {
                Trouble(*kinds[i], seed, tally).run(builds);
            } catch (const std::exception& error) {
                tally.failed(std::string(kinds[i]->name) + " ended early: " + error.what());
            }
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kAtOnce; ++i)
        threads.emplace_back(work);
}

}
