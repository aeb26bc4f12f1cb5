// SPDX-License-Identifier: MIT
#include <apbfarm/conformance/storage_conformance.h>

#include "storage/sqlite_storage.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm::conformance;

namespace {

struct Sqlite {
    apbfarm::test::TempDir folder;
    Open open = [this] { return apbfarm::storage::openSqlite({.file = folder / "farm.db"}); };
};

} // namespace

BOOST_AUTO_TEST_SUITE(SqliteStorageConformance)

BOOST_FIXTURE_TEST_CASE(a_submitted_build_is_found_as_it_was, Sqlite)
{
    aSubmittedBuildIsFoundAsItWas(open);
}

BOOST_FIXTURE_TEST_CASE(tallies_add_up_to_the_builds_of_their_time, Sqlite)
{
    talliesAddUpToTheBuildsOfTheirTime(open);
}

BOOST_FIXTURE_TEST_CASE(every_field_of_a_step_is_stored, Sqlite)
{
    everyFieldOfAStepIsStored(open);
}

BOOST_FIXTURE_TEST_CASE(a_submission_is_stored_wholly_or_not_at_all, Sqlite)
{
    aSubmissionIsStoredWhollyOrNotAtAll(open);
}

BOOST_FIXTURE_TEST_CASE(sequences_grow_in_order_of_acceptance, Sqlite)
{
    sequencesGrowInOrderOfAcceptance(open);
}

BOOST_FIXTURE_TEST_CASE(a_step_from_an_unexpected_state_does_not_happen, Sqlite)
{
    aStepFromAnUnexpectedStateDoesNotHappen(open);
}

BOOST_FIXTURE_TEST_CASE(a_step_that_did_not_happen_leaves_nothing, Sqlite)
{
    aStepThatDidNotHappenLeavesNothing(open);
}

BOOST_FIXTURE_TEST_CASE(a_final_state_never_changes, Sqlite)
{
    aFinalStateNeverChanges(open);
}

BOOST_FIXTURE_TEST_CASE(what_comes_with_a_step_is_stored_with_it, Sqlite)
{
    whatComesWithAStepIsStoredWithIt(open);
}

BOOST_FIXTURE_TEST_CASE(lists_are_newest_first_and_filtered, Sqlite)
{
    listsAreNewestFirstAndFiltered(open);
}

BOOST_FIXTURE_TEST_CASE(live_builds_are_all_that_are_not_final_by_sequence, Sqlite)
{
    liveBuildsAreAllThatAreNotFinalBySequence(open);
}

BOOST_FIXTURE_TEST_CASE(payloads_stay_while_a_live_build_needs_them, Sqlite)
{
    payloadsStayWhileALiveBuildNeedsThem(open);
}

BOOST_FIXTURE_TEST_CASE(an_idempotency_key_is_taken_once, Sqlite)
{
    anIdempotencyKeyIsTakenOnce(open);
}

BOOST_FIXTURE_TEST_CASE(an_idempotency_key_is_forgotten_after_a_day, Sqlite)
{
    anIdempotencyKeyIsForgottenAfterADay(open);
}

BOOST_FIXTURE_TEST_CASE(many_threads_lose_nothing, Sqlite)
{
    manyThreadsLoseNothing(open);
}

BOOST_FIXTURE_TEST_CASE(an_account_is_found_as_it_was, Sqlite)
{
    anAccountIsFoundAsItWas(open);
}

BOOST_FIXTURE_TEST_CASE(names_are_unique_without_regard_to_case, Sqlite)
{
    namesAreUniqueWithoutRegardToCase(open);
}

BOOST_FIXTURE_TEST_CASE(a_deleted_name_can_be_used_again, Sqlite)
{
    aDeletedNameCanBeUsedAgain(open);
}

BOOST_FIXTURE_TEST_CASE(accounts_are_listed_by_time_of_creation, Sqlite)
{
    accountsAreListedByTimeOfCreation(open);
}

BOOST_FIXTURE_TEST_CASE(accounts_change, Sqlite)
{
    accountsChange(open);
}

BOOST_FIXTURE_TEST_CASE(tokens_live_until_they_expire_or_are_revoked, Sqlite)
{
    tokensLiveUntilTheyExpireOrAreRevoked(open);
}

BOOST_FIXTURE_TEST_CASE(settings_are_kept, Sqlite)
{
    settingsAreKept(open);
}

BOOST_FIXTURE_TEST_CASE(the_outbox_keeps_messages_until_they_are_delivered, Sqlite)
{
    theOutboxKeepsMessagesUntilTheyAreDelivered(open);
}

BOOST_FIXTURE_TEST_CASE(every_kind_of_message_comes_back_as_itself, Sqlite)
{
    everyKindOfMessageComesBackAsItself(open);
}

BOOST_FIXTURE_TEST_CASE(the_audit_trail_is_newest_first, Sqlite)
{
    theAuditTrailIsNewestFirst(open);
}

BOOST_FIXTURE_TEST_CASE(the_audit_trail_can_be_filtered, Sqlite)
{
    theAuditTrailIsFiltered(open);
}

BOOST_FIXTURE_TEST_CASE(modules_migrate_their_own_tables, Sqlite)
{
    modulesMigrateTheirOwnTables(open);
}

BOOST_FIXTURE_TEST_CASE(modules_read_and_write_their_rows, Sqlite)
{
    modulesReadAndWriteTheirRows(open);
}

BOOST_FIXTURE_TEST_CASE(modules_cannot_end_the_transaction_they_share, Sqlite)
{
    modulesCannotEndTheTransactionTheyShare(open);
}

BOOST_FIXTURE_TEST_CASE(files_of_another_farm_are_adopted_once, Sqlite)
{
    filesOfAnotherFarmAreAdoptedOnce(open);
}

BOOST_FIXTURE_TEST_CASE(everything_survives_a_restart, Sqlite)
{
    everythingSurvivesARestart(open);
}

BOOST_FIXTURE_TEST_CASE(kept_files_are_counted_once_for_each_content, Sqlite)
{
    keptFilesAreCountedOnceForEachContent(open);
}

BOOST_FIXTURE_TEST_CASE(the_oldest_files_come_first_and_go, Sqlite)
{
    theOldestFilesComeFirstAndGo(open);
}

BOOST_FIXTURE_TEST_CASE(files_of_a_live_build_are_never_removed, Sqlite)
{
    filesOfALiveBuildAreNeverRemoved(open);
}

BOOST_FIXTURE_TEST_CASE(repositories_are_kept_under_unique_names, Sqlite)
{
    repositoriesAreKeptUnderUniqueNames(open);
}

BOOST_FIXTURE_TEST_CASE(the_newest_build_of_each_architecture_is_found, Sqlite)
{
    theNewestBuildOfEachArchitectureIsFound(open);
}

BOOST_AUTO_TEST_SUITE_END()
