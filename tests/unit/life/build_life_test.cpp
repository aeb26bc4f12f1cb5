// SPDX-License-Identifier: MIT
#include "life/build_life.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace apbfarm;
using namespace std::chrono_literals;
using life::Action;

namespace {

/// A build with its watch and a clock, driven by events.
struct Life {
    Build build;
    life::Watch watch;
    life::Moment now{fromEpoch(1'800'000'000), util::Instant(1h)};
    life::Policy policy;
    std::vector<Action> actions;
    std::optional<Attempt> attempt;

    Life() { build.id = "48ea1df5-f7f3-477e-a7a7-36e526ea7cd3"; }

    Life& on(const life::Event& event)
    {
        auto step = life::apply(build, watch, event, now, policy);
        build = step.after;
        watch = step.watch;
        actions = step.actions;
        attempt = step.attempt;
        return *this;
    }
    Life& after(std::chrono::milliseconds time)
    {
        now.steady += time;
        now.wall += time;
        actions.clear();
        return *this;
    }
    Life& placed() { return on(life::Placed{"http://one", "x86_64", "free"}); }
    Life& building() { return placed().on(life::HandOverAccepted{}); }
    Life& reported(BuildStatus status, bool settled = true)
    {
        return on(life::Reported{status, settled, "{\"n\":" + std::to_string(++documents) + "}", {}, {}, {}});
    }
    bool does(Action action) const { return std::ranges::find(actions, action) != actions.end(); }

    int documents = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildLife)

BOOST_AUTO_TEST_CASE(L1_the_hand_over_is_an_action_that_comes_with_a_stored_intent)
{
    auto step = life::apply(Build{}, {}, life::Placed{"http://one", "x86_64", "free"}, {}, {});
    BOOST_TEST(step.store);
    BOOST_TEST((step.after.state == BuildState::Assigning));
    BOOST_TEST(step.attempt->number == 1);
    BOOST_TEST((step.actions == std::vector{Action::HandOver}));
}

BOOST_AUTO_TEST_CASE(a_build_that_goes_well_ends_completed_after_its_files_are_secured)
{
    Life life;
    life.building();
    BOOST_TEST(life.does(Action::Ask));
    life.reported(BuildStatus::Building).reported(BuildStatus::Completed);
    BOOST_TEST((life.build.state == BuildState::Building));   // L9
    BOOST_TEST(life.does(Action::SecureFiles));
    life.on(life::FilesSecured{});
    BOOST_TEST((life.build.state == BuildState::Completed));
    BOOST_TEST(life.does(Action::Conclude));
}

BOOST_AUTO_TEST_CASE(a_final_word_without_its_fields_is_not_believed_yet)
{
    Life life;
    life.building().reported(BuildStatus::Completed, false);
    BOOST_TEST(!life.does(Action::SecureFiles));
    BOOST_TEST(!life.build.ending);
}

BOOST_AUTO_TEST_CASE(L2_a_server_that_did_not_take_it_gives_it_back_to_the_queue)
{
    Life life;
    life.placed().on(life::HandOverNotTaken{"503"});
    BOOST_TEST((life.build.state == BuildState::Queued));
    BOOST_TEST(!life.build.server);
    BOOST_TEST(life.does(Action::Enqueue));
    BOOST_TEST(life.attempt->outcome == "503");
}

BOOST_AUTO_TEST_CASE(L2_a_submission_that_is_wrong_fails)
{
    Life life;
    life.placed().on(life::HandOverRejected{"no pkgname"});
    BOOST_TEST((life.build.state == BuildState::Failed));
    BOOST_TEST(life.build.reason == "no pkgname");
}

BOOST_AUTO_TEST_CASE(L2_too_large_for_one_server_is_tried_elsewhere_and_fails_when_all_said_so)
{
    Life life;
    life.placed().on(life::HandOverTooLarge{false, "413"});
    BOOST_TEST((life.build.state == BuildState::Queued));
    BOOST_TEST(life.build.refusedBy.size() == 1u);
    life.placed().on(life::HandOverTooLarge{true, "413"});
    BOOST_TEST((life.build.state == BuildState::Failed));
}

BOOST_AUTO_TEST_CASE(L3_an_unclear_hand_over_is_asked_about_and_never_sent_elsewhere)
{
    Life life;
    life.placed().on(life::HandOverUnclear{"reset"});
    BOOST_TEST((life.build.state == BuildState::Assigning));
    BOOST_TEST(life.build.uncertain);
    BOOST_TEST(life.does(Action::Ask));
    life.after(5min).on(life::NoAnswer{"timeout"});
    BOOST_TEST((life.build.state == BuildState::Assigning));
    life.reported(BuildStatus::Queued);
    BOOST_TEST((life.build.state == BuildState::Building));
}

BOOST_AUTO_TEST_CASE(a_build_that_turns_out_to_be_there_has_its_log_followed)
{
    Life life;
    life.placed().on(life::HandOverUnclear{"reset"}).reported(BuildStatus::Building);
    BOOST_TEST((life.build.state == BuildState::Building));
    BOOST_TEST(life.does(Action::Ask));
}

BOOST_AUTO_TEST_CASE(L3_only_two_404s_far_enough_apart_from_a_healthy_server_prove_absence)
{
    Life life;
    life.placed().on(life::HandOverUnclear{"reset"}).on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Assigning));
    life.after(59s).on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Assigning));
    life.after(1s).on(life::NotKnownThere{false});
    BOOST_TEST((life.build.state == BuildState::Assigning));
    life.on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Queued));
}

BOOST_AUTO_TEST_CASE(L3_an_answer_between_the_404s_starts_the_proof_anew)
{
    Life life;
    life.placed().on(life::HandOverUnclear{"reset"}).on(life::NotKnownThere{});
    life.after(40s).on(life::NoAnswer{"timeout"}).after(40s).on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Assigning));
}

BOOST_AUTO_TEST_CASE(L3_words_about_a_build_whose_request_is_still_under_way_are_ignored)
{
    Life life;
    life.placed().on(life::NotKnownThere{}).after(1h).on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Assigning));
}

BOOST_AUTO_TEST_CASE(L3_an_administrator_can_release_an_uncertain_build)
{
    Life life;
    life.placed().on(life::HandOverUnclear{"reset"}).on(life::Released{"root"});
    BOOST_TEST((life.build.state == BuildState::Queued));
}

BOOST_AUTO_TEST_CASE(L7_a_queued_build_is_cancelled_at_once)
{
    Life life;
    life.on(life::CancelRequested{"alice"});
    BOOST_TEST((life.build.state == BuildState::Cancelled));
    BOOST_TEST(life.build.reason == "Cancelled by alice");
}

BOOST_AUTO_TEST_CASE(L7_a_cancel_during_the_hand_over_waits_for_its_outcome)
{
    Life life;
    life.placed().on(life::CancelRequested{""});
    BOOST_TEST((life.build.state == BuildState::Cancelling));
    BOOST_TEST(life.actions.empty());
    life.on(life::HandOverAccepted{});
    BOOST_TEST(life.does(Action::CancelThere));
    life.on(life::CancelAnswered{});
    BOOST_TEST((life.build.state == BuildState::Cancelled));
}

BOOST_AUTO_TEST_CASE(L7_a_cancelled_build_that_was_never_taken_ends_cancelled)
{
    Life life;
    life.placed().on(life::CancelRequested{""}).on(life::HandOverNotTaken{"refused"});
    BOOST_TEST((life.build.state == BuildState::Cancelled));
}

BOOST_AUTO_TEST_CASE(L7_an_acknowledged_cancel_never_ends_as_completed)
{
    Life life;
    life.building().on(life::CancelRequested{""}).reported(BuildStatus::Completed);
    BOOST_TEST((life.build.state == BuildState::Cancelled));
}

BOOST_AUTO_TEST_CASE(L7_a_cancel_while_files_are_fetched_needs_no_server)
{
    Life life;
    life.building().reported(BuildStatus::Completed).on(life::CancelRequested{""});
    BOOST_TEST((life.build.state == BuildState::Cancelled));
}

BOOST_AUTO_TEST_CASE(L8_a_silent_server_is_lost_after_ten_minutes_and_given_up_after_thirty)
{
    Life life;
    life.building().after(9min).on(life::NoAnswer{"timeout"});
    BOOST_TEST((life.build.state == BuildState::Building));
    BOOST_TEST(!life.build.serverAvailable);
    life.after(1min).on(life::NoAnswer{"timeout"});
    BOOST_TEST((life.build.state == BuildState::LostContact));
    life.after(20min).on(life::NoAnswer{"timeout"});
    BOOST_TEST((life.build.state == BuildState::Failed));
}

BOOST_AUTO_TEST_CASE(L8_one_answer_brings_a_lost_build_back)
{
    Life life;
    life.building().after(15min).on(life::NoAnswer{"timeout"}).reported(BuildStatus::Building);
    BOOST_TEST((life.build.state == BuildState::Building));
    life.after(29min).on(life::NoAnswer{"timeout"});
    BOOST_TEST((life.build.state == BuildState::LostContact));
}

BOOST_AUTO_TEST_CASE(L8_a_build_that_its_server_forgot_fails_after_a_quarter_of_an_hour)
{
    Life life;
    life.building().on(life::NotKnownThere{}).after(14min).on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Building));
    life.after(1min).on(life::NotKnownThere{});
    BOOST_TEST((life.build.state == BuildState::Failed));
}

BOOST_AUTO_TEST_CASE(L9_files_that_are_gone_do_not_keep_a_build_from_its_end)
{
    Life life;
    life.building().reported(BuildStatus::Completed).on(life::FilesSecured{"The server no longer has a.pkg"});
    BOOST_TEST((life.build.state == BuildState::Completed));
    BOOST_TEST(life.build.artifactsGivenUp);
    BOOST_TEST(life.build.reason == "The server no longer has a.pkg");
}

BOOST_AUTO_TEST_CASE(a_build_that_ran_out_of_time_failed_whatever_its_server_calls_it)
{
    Life life;
    life.build.timeout = 300s;
    life.building().on(life::Reported{BuildStatus::Cancelled, true, "{}", {}, {}, 301s}).on(life::FilesSecured{});
    BOOST_TEST((life.build.state == BuildState::Failed));
    BOOST_TEST(life.build.reason == "Timed out after 300 seconds");
}

BOOST_AUTO_TEST_CASE(a_failed_build_says_how_it_ended_and_not_where_it_was_placed)
{
    Life life;
    life.building().on(life::Reported{BuildStatus::Failed, true, "{}", {}, {}, {}, 4}).on(life::FilesSecured{});
    BOOST_TEST(life.build.reason == "The package could not be built: makepkg ended with code 4");
    Life silent;
    silent.building().reported(BuildStatus::Failed).on(life::FilesSecured{});
    BOOST_TEST(silent.build.reason == "The package could not be built");
}

BOOST_AUTO_TEST_CASE(after_a_restart_every_live_build_goes_on_where_it_was)
{
    Life queued;
    BOOST_TEST(queued.on(life::Restarted{}).does(Action::Enqueue));
    Life assigning;
    BOOST_TEST(assigning.placed().on(life::Restarted{}).does(Action::Ask));
    BOOST_TEST(assigning.build.uncertain);
    Life building;
    BOOST_TEST(building.building().on(life::Restarted{}).does(Action::Ask));
    Life cancelling;
    BOOST_TEST(cancelling.building().on(life::CancelRequested{""}).on(life::Restarted{}).does(Action::CancelThere));
    Life ending;
    BOOST_TEST(ending.building().reported(BuildStatus::Failed).on(life::Restarted{}).does(Action::SecureFiles));
}

BOOST_AUTO_TEST_CASE(D5_no_row_of_events_changes_a_final_state_or_builds_twice)
{
    std::mt19937 random(7);
    for (int seed = 0; seed < 20000; ++seed) {
        random.seed(static_cast<unsigned>(seed));
        Life life;
        bool acknowledgedCancel = false;
        for (int i = 0; i < 40; ++i) {
            const auto before = life.build.state;
            switch (random() % 14) {
            case 0: life.placed(); break;
            case 1: life.on(life::HandOverAccepted{}); break;
            case 2: life.on(life::HandOverNotTaken{"no"}); break;
            case 3: life.on(life::HandOverUnclear{"?"}); break;
            case 4: life.on(life::HandOverTooLarge{random() % 2 == 0, "413"}); break;
            case 5: life.reported(BuildStatus(random() % 5), random() % 2); break;
            case 6: life.on(life::NotKnownThere{}); break;
            case 7: life.on(life::NoAnswer{"?"}); break;
            case 8: life.on(life::FilesSecured{}); break;
            case 9: acknowledgedCancel = acknowledgedCancel || !isFinal(before); life.on(life::CancelRequested{""}); break;
            case 10: life.on(life::CancelAnswered{}); break;
            case 11: life.on(life::Restarted{}); break;
            case 12: life.on(life::Released{"root"}); break;
            case 13: life.after(std::chrono::minutes(random() % 20)); break;
            }
            BOOST_REQUIRE(!isFinal(before) || life.build.state == before);
            // D4: a new hand-over starts only from the queue, where no server has the build.
            BOOST_REQUIRE(!life.does(Action::HandOver) || before == BuildState::Queued);
            BOOST_REQUIRE((life.build.state == BuildState::Queued) == !life.build.server || isFinal(life.build.state));
            BOOST_REQUIRE(!acknowledgedCancel || life.build.state != BuildState::Completed);
        }
    }
}

BOOST_AUTO_TEST_CASE(L6_only_a_queued_build_can_have_waited_too_long)
{
    Life waiting;
    waiting.on(life::WaitedTooLong{"too long"});
    BOOST_TEST((waiting.build.state == BuildState::Failed));
    BOOST_TEST(waiting.build.reason == "too long");
    BOOST_TEST(waiting.does(Action::Conclude));
    Life placed;
    placed.placed().on(life::WaitedTooLong{"too long"});
    BOOST_TEST((placed.build.state == BuildState::Assigning));
}

BOOST_AUTO_TEST_CASE(L11_a_discovered_build_is_never_queued_nor_sent_whatever_happens)
{
    std::mt19937 random(11);
    const std::vector<life::Event> events{
        life::Restarted{}, life::HandOverNotTaken{"x"}, life::HandOverUnclear{"x"}, life::HandOverTooLarge{false, "x"},
        life::NotKnownThere{true}, life::NoAnswer{"x"}, life::Released{"root"}, life::WaitedTooLong{"x"},
        life::Placed{"http://two", "x86_64", "free"}, life::CancelRequested{"root"}, life::CancelAnswered{},
        life::Reported{BuildStatus::Building, false, "{}", {}, {}, {}}, life::FilesSecured{""}};
    for (int run = 0; run < 500; ++run) {
        Life found;
        found.build.state = BuildState::Building;
        found.build.server = "http://one";
        for (int step = 0; step < 30; ++step) {
            found.after(std::chrono::minutes(random() % 20)).on(events[random() % events.size()]);
            BOOST_TEST(!found.does(Action::Enqueue));
            BOOST_TEST(!found.does(Action::HandOver));
            BOOST_TEST((found.build.state != BuildState::Queued && found.build.state != BuildState::Assigning));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
