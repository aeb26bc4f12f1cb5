// SPDX-License-Identifier: MIT
#include "proofs/faults/visit.h"

#include "package/tarball_writer.h"
#include "proofs/faults/caller.h"
#include "proofs/live/end.h"
#include "proofs/live/people.h"
#include "support/noise.h"
#include "support/packages.h"

#include <random>

namespace apbfarm::proofs::failing {

using namespace std::chrono_literals;

namespace {

constexpr auto kPace = 5ms;                       // between two lines of a log
constexpr std::size_t kLargestPackage = 150'000;
constexpr std::size_t kLarge = 100'000;           // bytes: such a tarball goes into the spool
constexpr auto kSettled = 30s;
constexpr std::uint64_t kSpinning = 20'000;       // calls that fail, before the farm is healed

class Visit {
public:
    Visit(std::uint64_t seed, const Fault& fault)
        : seed_(seed), fault_(fault), complain_([this](const std::string& what) { complain(what); }), book_(complain_),
          witnesses_({{"x86_64", 2}}, seed, kPace, kLargestPackage), patient_(witnesses_.addresses(), complain_),
          caller_(patient_, book_, witnesses_, complain_)
    {
    }

    Outcome take()
    {
        try {
            live();
            check();
        } catch (const Stuck&) {
        } catch (const std::exception& error) {
            complain(error.what());
        }
        outcome_.failed = patient_.failed();
        outcome_.ends = patient_.ends();
        if (fault_.isNone())
            outcome_.places = patient_.places();
        if (!outcome_.complaints.empty())
            outcome_.story = patient_.story();
        return outcome_;
    }

private:
    void complain(const std::string& what)
    {
        const std::lock_guard lock(mutex_);
        outcome_.complaints.push_back(what);
    }

    void live()
    {
        pass(Phase::FirstStart, [&] { patient_.start(); });
        caller_.logIn();
        pass(Phase::Serving, [&] { serve(); });
        pass(Phase::Restart, [&] { restart(); });
        pass(Phase::Stopping, [&] { patient_.stop(); });
        if (!patient_.farm().process().isRunning())
            patient_.start();
    }

    /// One part of its life, harmed when it is the one; parts that nothing happens in are left out.
    template <class Part> void pass(Phase phase, Part part)
    {
        if (!fault_.isNone() && phase != Phase::FirstStart && phase != fault_.phase)
            return;
        const auto before = patient_.made();
        if (phase == fault_.phase && phase != Phase::Restart)
            patient_.harm(fault_);
        if (fault_.isNone())
            patient_.record(phase);
        part();
        patient_.record({});
        patient_.heal();
        for (std::size_t i = 0; i < kCalls; ++i)
            outcome_.made[static_cast<std::size_t>(phase)][i] = patient_.made()[i] - before[i];
    }

    void serve()
    {
        const auto first = caller_.submit("small", test::tarballOf(test::pkgbuild("small")));
        const auto second = caller_.submit("large", largeTarball("large"));
        const auto third = caller_.submit("unwanted", test::tarballOf(test::pkgbuild("unwanted")));
        caller_.cancel(third);
        caller_.follow({first, second, third});
    }

    void restart()
    {
        const auto first = caller_.submit("early", test::tarballOf(test::pkgbuild("early")));
        const auto second = caller_.submit("late", largeTarball("late"));
        patient_.kill();
        patient_.harm(fault_);
        patient_.start();
        caller_.follow({first, second});
    }

    std::string largeTarball(const std::string& package) const
    {
        std::mt19937_64 random(seed_);
        return package::writeTarball({{"PKGBUILD", test::pkgbuild(package)},
                                      {"noise.bin", test::noise(kLarge, random)}});
    }

    void check()
    {
        if (fault_.lasts() && patient_.failed() > kSpinning)
            complain("what failed was tried " + std::to_string(patient_.failed()) + " times in a moment");
        patient_.revive();
        caller_.seeThatItAnswers();
        {
            Reader reader(patient_.farm(), book_, witnesses_, caller_.token());
            waitUntilSettled(book_, kSettled);
        }
        caller_.checkSources();
        checkEnd({patient_.farm(), book_, witnesses_, complain_, nullptr});
    }

    std::uint64_t seed_;
    Fault fault_;
    Outcome outcome_;
    std::mutex mutex_;
    Complain complain_;
    Book book_;
    Witnesses witnesses_;
    Patient patient_;
    Caller caller_;
};

}

Outcome visit(std::uint64_t seed, const Fault& fault)
{
    return Visit(seed, fault).take();
}

}
