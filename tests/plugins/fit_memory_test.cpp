// SPDX-License-Identifier: MIT
#include "../../plugins/scheduler-fit/fit_policy.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using fit::FitPolicy;
using fit::MemoryEstimates;
using fit::readMemory;

namespace {

constexpr double kNow = 1'800'000'000;
constexpr double kGibibyte = 1ull << 30;

Build buildOf(const std::string& package, const std::string& id)
{
    Build build;
    build.id = id;
    build.pkgname = package;
    build.architecture = "x86_64";
    build.state = BuildState::Completed;
    return build;
}

/// A server of four slots with `building` of them taken.
ServerSnapshot server(const std::string& name, int building = 0)
{
    return {.id = name, .architecture = "x86_64", .health = ServerHealth::Healthy, .slots = 4, .freeSlots = 4 - building,
            .building = building};
}

/// A policy that knows what some packages need: `big` 6 GiB, `middle` 2 GiB; and that `large` has 10 GiB, `small` 4 GiB.
struct Informed {
    explicit Informed(FitPolicy::Options options = {}) : policy(options)
    {
        learn("big", "large", 6, 10);
        learn("middle", "small", 2, 4);
    }
    void learn(const std::string& package, const std::string& where, double needed, double has)
    {
        auto build = buildOf(package, "learned");
        build.server = where;
        policy.learn(build, {needed * kGibibyte, has * kGibibyte}, kNow);
    }
    Placement pick(const std::string& package, const std::vector<ServerSnapshot>& candidates, double now = kNow)
    {
        return policy.pick(buildOf(package, package + std::to_string(++number)), candidates, now);
    }
    Placement pickAgain(const Build& build, const std::vector<ServerSnapshot>& candidates, double now)
    {
        return policy.pick(build, candidates, now);
    }

    FitPolicy policy;
    int number = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(FitMemoryReports)

BOOST_AUTO_TEST_CASE(a_status_document_says_what_a_build_needed_and_its_server_has)
{
    const auto memory = readMemory(R"({"status":"completed","peak_memory":209715200,"server_memory":8589934592})");
    BOOST_TEST(memory.peak.value_or(0) == 209715200);
    BOOST_TEST(memory.server.value_or(0) == 8589934592);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_taken_for_absent)
{
    for (const std::string value : {"-1", "0", "1", "1e300", "1e999", "9223372036854775807", "99999999999999999999999", "\"200\"", "true",
                                    "null", "[209715200]", "{}", "NaN", "-Infinity", "0.5"}) {
        const auto memory = readMemory(R"({"status":"completed","peak_memory":)" + value + R"(,"server_memory":)" + value + "}");
        BOOST_TEST(!memory.peak.has_value(), value);
        BOOST_TEST(!memory.server.has_value(), value);
    }
    for (const std::string document : {"", "[]", "null", "7", "\"text\"", "{", "{}", "\xff\xfe"})
        BOOST_TEST(!readMemory(document).peak.has_value(), document);
    BOOST_TEST(!readMemory(std::string(100'000, '[')).peak.has_value());
}

BOOST_AUTO_TEST_CASE(nothing_needs_more_than_its_server_has)
{
    const auto memory = readMemory(R"({"peak_memory":99000000000,"server_memory":8000000000})");
    BOOST_TEST(memory.peak.value_or(0) == 8000000000);
}

BOOST_AUTO_TEST_CASE(a_higher_peak_is_believed_at_once_and_lower_ones_slowly)
{
    const MemoryEstimates::Package package{"zlib", "x86_64"};
    MemoryEstimates estimates(1e9);
    BOOST_TEST(!estimates.expected(package).has_value());
    estimates.learn(package, 1e9, true, 0);
    estimates.learn(package, 8e9, true, 0);
    BOOST_TEST(*estimates.expected(package) == 8e9, boost::test_tools::tolerance(1e-6));
    estimates.learn(package, 1e9, true, 0);
    BOOST_TEST(*estimates.expected(package) > 6e9);
    for (int i = 0; i < 40; ++i)
        estimates.learn(package, 1e9, true, 0);
    BOOST_TEST(*estimates.expected(package) < 1.1e9);
}

BOOST_AUTO_TEST_CASE(a_build_that_failed_can_only_raise_what_is_expected)
{
    const MemoryEstimates::Package package{"zlib", "x86_64"};
    MemoryEstimates estimates(1e9);
    estimates.learn(package, 2e9, true, 0);
    estimates.learn(package, 1e7, false, 0);
    BOOST_TEST(*estimates.expected(package) == 2e9, boost::test_tools::tolerance(1e-6));
    estimates.learn(package, 7e9, false, 0);
    BOOST_TEST(*estimates.expected(package) == 7e9, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(FitMemoryDecisions)

BOOST_AUTO_TEST_CASE(a_build_goes_where_it_fits_and_the_reason_says_so)
{
    Informed informed;
    const auto placement = informed.pick("big", {server("small"), server("large", 3)});
    BOOST_TEST(*placement.server == "large");
    BOOST_TEST(placement.reason == "nothing is known yet of how long builds for x86_64 take: the only free server with 6.0 GiB "
                                   "of memory left (1 slot free)");
}

BOOST_AUTO_TEST_CASE(it_waits_while_only_one_that_is_too_small_is_free_and_at_last_goes_there)
{
    Informed informed;
    informed.pick("big", {server("small"), server("large", 3)});   // takes the last slot
    const auto second = buildOf("big", "second");
    const auto placement = informed.pickAgain(second, {server("small")}, kNow);
    BOOST_TEST(!placement.server.has_value());
    BOOST_TEST(placement.reason == "expected to need 6.0 GiB; 3.6 GiB are expected to be left on the one free server");
    BOOST_TEST(!informed.pickAgain(second, {server("small")}, kNow + 599).server.has_value());
    const auto forced = informed.pickAgain(second, {server("small")}, kNow + 600);
    BOOST_TEST(forced.server.value_or("") == "small");
    BOOST_TEST(forced.reason == "expected to need 6.0 GiB, has waited for that long enough, and most is left here: 3.6 GiB");
}

BOOST_AUTO_TEST_CASE(a_long_queue_is_not_let_go_all_at_once)
{
    Informed informed;
    informed.pick("big", {server("small"), server("large", 3)});
    std::vector<Build> waiting;
    for (int i = 0; i < 20; ++i)
        waiting.push_back(buildOf("big", "waiting" + std::to_string(i)));
    int placed = 0;
    for (double now = kNow; now <= kNow + 3 * 600; now += 5)
        for (const auto& build : waiting)
            placed += informed.pickAgain(build, {server("small")}, now).server.has_value();
    BOOST_TEST(placed == 3);   // one in each ten minutes
}

BOOST_AUTO_TEST_CASE(what_runs_there_counts_until_it_is_gone)
{
    Informed informed;
    const std::vector<ServerSnapshot> large{server("large")};
    BOOST_TEST(informed.pick("big", large).server.has_value());
    BOOST_TEST(informed.pick("middle", large).server.has_value());   // 8 of 9 GiB
    const auto third = informed.pick("middle", large);
    BOOST_TEST(!third.server.has_value());
    BOOST_TEST(third.reason == "expected to need 2.0 GiB; 1.0 GiB are expected to be left on the one free server");
    informed.policy.gone("middle2");
    BOOST_TEST(informed.pick("middle", large).server.has_value());
}

BOOST_AUTO_TEST_CASE(a_build_that_is_asked_about_again_is_not_in_its_own_way)
{
    Informed informed;
    const auto build = buildOf("big", "returned");
    BOOST_TEST(informed.pickAgain(build, {server("large")}, kNow).server.has_value());
    BOOST_TEST(informed.pickAgain(build, {server("large")}, kNow + 1).server.has_value());
}

BOOST_AUTO_TEST_CASE(a_build_that_is_too_large_for_all_gets_the_largest_for_itself)
{
    Informed informed;
    informed.learn("huge", "large", 9.9, 10);
    BOOST_TEST(!informed.pick("huge", {server("small"), server("large", 1)}).server.has_value());
    const auto placement = informed.pick("huge", {server("small"), server("large")});
    BOOST_TEST(placement.server.value_or("") == "large");
    BOOST_TEST(placement.reason == "expected to need 9.9 GiB, and has this server, where 9.0 GiB may be used, for itself");
    // Where it runs, nothing else that is known fits beside it.
    BOOST_TEST(*informed.pick("middle", {server("small"), server("large", 1)}).server == "small");
}

BOOST_AUTO_TEST_CASE(one_that_is_too_small_is_the_only_way_when_no_larger_is_in_use)
{
    Informed informed;
    BOOST_TEST(informed.pick("big", {server("small")}).server.value_or("") == "small");
}

BOOST_AUTO_TEST_CASE(of_those_where_it_fits_the_faster_is_taken)
{
    Informed informed;
    for (int i = 0; i < 4; ++i)
        for (const auto& [where, seconds] : {std::pair("large", 600), std::pair("small", 60)}) {
            auto build = buildOf("middle", "taught");
            build.server = where;
            informed.policy.learn(build, seconds, kNow);
        }
    BOOST_TEST(*informed.pick("middle", {server("large"), server("small")}).server == "small");
    const auto second = informed.pick("middle", {server("large"), server("small", 1)});
    BOOST_TEST(*second.server == "large");
    BOOST_TEST(second.reason.ends_with("the only free server with 2.0 GiB of memory left"), second.reason);
}

BOOST_AUTO_TEST_CASE(what_nobody_knows_is_placed_as_ever)
{
    Informed informed;
    informed.pick("big", {server("large")});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(informed.pick("unheard-of", {server("large")}).server.has_value());
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(informed.pick("big", {server("new")}).server.has_value());
    // Nor is a server known from which nothing was heard for long.
    const auto later = kNow + 15 * 86400;
    BOOST_TEST(informed.pick("big", {server("small", 1)}, later).server.has_value());
}

BOOST_AUTO_TEST_CASE(a_share_of_zero_switches_it_off)
{
    Informed informed({.memoryShare = 0});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(informed.pick("big", {server("small", i)}).server.has_value());
}

BOOST_AUTO_TEST_CASE(nobody_waits_where_waiting_is_switched_off)
{
    Informed informed({.longestHold = 0});
    BOOST_TEST(*informed.pick("big", {server("small"), server("large")}).server == "large");
    BOOST_TEST(*informed.pick("big", {server("small"), server("large", 1)}).server == "small");
}

BOOST_AUTO_TEST_SUITE_END()
