// SPDX-License-Identifier: MIT
#include "service/build_ledger.h"
#include "support/manual_clock.h"
#include "support/row_store.h"
#include "support/short_memory.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <new>

using namespace apbfarm;
using life::Action;

namespace {

struct Ledger {
    test::RowStore store;
    test::ManualClock clock;
    service::BuildLedger ledger{store, clock, {}};
    std::vector<std::pair<BuildState, Action>> actions;

    Ledger()
    {
        ledger.onAction([this](const Build& build, Action action) {
            // L1: whatever is asked of the outside is in the store already.
            BOOST_TEST((store.rows.at(build.id).state == build.state));
            actions.emplace_back(build.state, action);
        });
    }
    Build admit(const std::string& id = "one")
    {
        Submission submission;
        submission.builds.emplace_back();
        submission.builds[0].id = id;
        submission.builds[0].createdAt = clock.wall();
        return ledger.admit(submission).front();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildLedger)

BOOST_FIXTURE_TEST_CASE(an_admitted_build_is_stored_and_then_queued, Ledger)
{
    const auto build = admit();
    BOOST_TEST(build.sequence == 1);
    BOOST_TEST((actions == std::vector{std::pair{BuildState::Queued, Action::Enqueue}}));
    BOOST_TEST(ledger.liveCount() == 1u);
}

BOOST_FIXTURE_TEST_CASE(D1_a_submission_that_cannot_be_stored_leaves_nothing, Ledger)
{
    store.broken = true;
    BOOST_CHECK_THROW(admit(), Unavailable);
    BOOST_TEST(actions.empty());
    BOOST_TEST(ledger.liveCount() == 0u);
}

BOOST_FIXTURE_TEST_CASE(L1_a_step_that_cannot_be_stored_does_not_happen, Ledger)
{
    admit();
    store.broken = true;
    actions.clear();
    BOOST_CHECK_THROW(ledger.apply("one", life::Placed{"http://a", "x86_64", ""}), Unavailable);
    BOOST_TEST(actions.empty());
    BOOST_TEST((ledger.find("one")->state == BuildState::Queued));
    store.broken = false;
    ledger.apply("one", life::Placed{"http://a", "x86_64", ""});
    BOOST_TEST((actions.back().second == Action::HandOver));
}

BOOST_FIXTURE_TEST_CASE(how_long_a_build_has_been_there_goes_by_a_clock_that_is_never_set_D13, Ledger)
{
    using namespace std::chrono_literals;
    admit();
    for (const auto step : {24h, -48h}) {
        clock.stepWall(step);
        BOOST_TEST((ledger.ageOf("one") == 0s));
    }
    clock.advance(90s);
    BOOST_TEST((ledger.ageOf("one") == 90s));
    BOOST_TEST(!ledger.ageOf("nobody"));
}

BOOST_FIXTURE_TEST_CASE(how_long_a_build_has_been_there_outlives_a_restart_D13, Ledger)
{
    using namespace std::chrono_literals;
    admit();
    clock.advance(90s);
    service::BuildLedger restarted(store, clock, {});
    restarted.onAction([](const Build&, Action) {});
    restarted.recover();
    clock.advance(10s);
    BOOST_TEST((restarted.ageOf("one") == 100s));
}

BOOST_FIXTURE_TEST_CASE(S4_a_step_that_lost_a_race_sees_the_truth_when_it_is_tried_again, Ledger)
{
    admit();
    store.rows["one"].revision = 7;
    BOOST_CHECK_THROW(ledger.apply("one", life::Placed{"http://a", "x86_64", ""}), Conflict);
    BOOST_TEST((ledger.apply("one", life::Placed{"http://a", "x86_64", ""})->state == BuildState::Assigning));
    BOOST_TEST(store.rows["one"].revision == 8);
}

BOOST_FIXTURE_TEST_CASE(D6_a_final_state_and_its_message_are_one_write, Ledger)
{
    ledger.onConclude([](const Build& build) {
        Notification message;
        message.id = "about " + build.id;
        return std::vector{message};
    });
    admit();
    ledger.apply("one", life::CancelRequested{"alice"});
    BOOST_REQUIRE(store.notifications.size() == 1u);
    BOOST_TEST(store.notifications[0].id == "about one");
    BOOST_TEST(ledger.liveCount() == 0u);
    BOOST_TEST((ledger.find("one")->state == BuildState::Cancelled));
}

BOOST_FIXTURE_TEST_CASE(a_final_build_takes_no_events, Ledger)
{
    admit();
    ledger.apply("one", life::CancelRequested{""});
    BOOST_TEST(!ledger.apply("one", life::Placed{"http://a", "x86_64", ""}));
    BOOST_TEST(!ledger.apply("nobody", life::CancelRequested{""}));
}

BOOST_FIXTURE_TEST_CASE(S4_a_build_that_somebody_else_wrote_goes_on_from_what_is_stored, Ledger)
{
    admit();
    actions.clear();
    auto& row = store.rows["one"];
    row.state = BuildState::Assigning;
    row.server = "http://b";
    row.revision = 7;
    BOOST_CHECK_THROW(ledger.apply("one", life::Placed{"http://a", "x86_64", ""}), Conflict);
    BOOST_TEST((actions == std::vector{std::pair(BuildState::Assigning, Action::Ask)}));
    BOOST_TEST(*store.rows["one"].server == "http://b");
    store.rows["one"].state = BuildState::Cancelled;
    store.rows["one"].revision = 20;
    BOOST_CHECK_THROW(ledger.apply("one", life::HandOverUnclear{""}), Conflict);
    BOOST_TEST((actions.back() == std::pair(BuildState::Cancelled, Action::Conclude)));
    BOOST_TEST(ledger.liveCount() == 0u);
}

BOOST_FIXTURE_TEST_CASE(L4_builds_on_servers_are_taken_up_before_those_that_wait_for_one, Ledger)
{
    for (const auto state : {BuildState::Queued, BuildState::Building}) {
        Build build;
        build.id = state == BuildState::Queued ? "a" : "b";
        build.state = state;
        store.rows[build.id] = build;
    }
    ledger.recover();
    BOOST_TEST((actions == std::vector{std::pair(BuildState::Building, Action::Ask), std::pair(BuildState::Queued, Action::Enqueue)}));
}

BOOST_FIXTURE_TEST_CASE(L10_what_a_server_says_counts_only_for_builds_that_are_on_it, Ledger)
{
    admit();
    ledger.apply("one", life::Placed{"http://a", "x86_64", ""});
    BOOST_TEST(!ledger.applyFrom("http://b", "one", life::HandOverAccepted{}));
    BOOST_TEST((store.rows["one"].state == BuildState::Assigning));
    BOOST_TEST(ledger.applyFrom("http://a", "one", life::HandOverAccepted{}).has_value());
    BOOST_TEST((store.rows["one"].state == BuildState::Building));
}

/// What the sink could not take for once.
struct Forgetful : Ledger {
    int refusals = 0;

    Forgetful()
    {
        ledger.onAction([this](const Build& build, Action action) {
            if (refusals > 0 && refusals-- > 0)
                throw std::bad_alloc();
            actions.emplace_back(build.state, action);
        });
    }
};

BOOST_FIXTURE_TEST_CASE(D9_a_submission_whose_builds_could_not_be_queued_is_queued_later, Forgetful)
{
    refusals = 1;
    BOOST_CHECK_THROW(admit(), std::bad_alloc);
    BOOST_TEST(actions.empty());
    ledger.catchUp();
    BOOST_TEST((actions == std::vector{std::pair{BuildState::Queued, Action::Enqueue}}));
    ledger.catchUp();
    BOOST_TEST(actions.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(D9_what_a_step_asked_for_in_vain_is_done_as_after_a_start, Forgetful)
{
    admit();
    refusals = 1;
    BOOST_CHECK_THROW(ledger.apply("one", life::Placed{"http://a", "x86_64", ""}), std::bad_alloc);
    BOOST_TEST((store.rows["one"].state == BuildState::Assigning));
    ledger.catchUp();
    // Whether it was sent is not known here: it is asked for, not sent again (L3).
    BOOST_TEST((actions.back() == std::pair{BuildState::Assigning, Action::Ask}));
}

BOOST_FIXTURE_TEST_CASE(D9_an_end_that_was_taken_in_vain_is_taken_later_and_then_forgotten, Forgetful)
{
    admit();
    refusals = 2;
    BOOST_CHECK_THROW(ledger.apply("one", life::CancelRequested{}), std::bad_alloc);
    BOOST_CHECK_THROW(ledger.catchUp(), std::bad_alloc);
    ledger.catchUp();
    BOOST_TEST((actions.back() == std::pair{BuildState::Cancelled, Action::Conclude}));
    BOOST_TEST(ledger.liveCount() == 0u);
}

BOOST_AUTO_TEST_CASE(D3_a_submission_that_ran_out_of_memory_is_not_stored_or_queued_in_the_end)
{
    for (long at = 1;; ++at) {
        Ledger farm;
        const bool lacked = test::lacking(at, [&] { farm.admit(); });
        farm.ledger.catchUp();
        const auto queued = std::ranges::count(farm.actions, std::pair{BuildState::Queued, Action::Enqueue});
        BOOST_TEST((farm.store.rows.empty() ? queued == 0 : queued > 0), "allocation " << at);
        if (!lacked)
            break;
    }
}

BOOST_AUTO_TEST_CASE(D3_a_step_that_ran_out_of_memory_was_not_made_or_is_gone_on_from)
{
    for (long at = 1;; ++at) {
        Ledger farm;
        farm.admit();
        const bool lacked = test::lacking(at, [&] { farm.ledger.apply("one", life::Placed{"http://a", "x86_64", ""}); });
        farm.ledger.catchUp();
        const auto& row = farm.store.rows.at("one");
        BOOST_TEST((farm.actions.back().first == row.state), "allocation " << at);
        BOOST_TEST((farm.ledger.find("one")->state == row.state), "allocation " << at);
        if (!lacked)
            break;
    }
}

BOOST_FIXTURE_TEST_CASE(D3_every_live_build_is_taken_up_after_a_restart, Ledger)
{
    for (const auto state : {BuildState::Queued, BuildState::Assigning, BuildState::Building, BuildState::Completed}) {
        Build build;
        build.id = std::string(toText(state));
        build.state = state;
        store.rows[build.id] = build;
    }
    BOOST_TEST(ledger.recover() == 3u);
    BOOST_TEST(actions.size() == 3u);
    BOOST_TEST(store.rows["assigning"].uncertain);
}

BOOST_AUTO_TEST_SUITE_END()
