// SPDX-License-Identifier: MIT
#include "functional/take_over.h"

using namespace apbfarm;
using namespace apbfarm::test;
using Existing = ExistingFarm;

namespace {

std::string wholeFolder(const std::filesystem::path& folder)
{
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files[entry.path().string()] = readFile(entry.path());
    std::string all;
    for (const auto& [name, bytes] : files)
        all += name + "\n" + bytes + "\n";
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ImportCheck)

BOOST_AUTO_TEST_CASE(the_dry_run_says_in_numbers_what_would_be_done_and_changes_nothing)
{
    TakeOver over;
    over.existing.make(&OldFarm::grown, true);
    const auto before = wholeFolder(over.home.path());
    const auto [code, words] = importCheck(over.farm, over.existing.database());
    BOOST_TEST(code == 1, words);   // a file is missing
    for (const auto* part : {"written by an existing farm", "3 accounts: 1 active administrator, 1 deactivated",
                             "2 sessions, of which 1 are valid", "4 builds: 1 completed, 2 failed, 1 cancelled",
                             "1 queue row as failed", "2 times written as text", "encrypt 2 mail passwords",
                             "adopt 3 files", "table archived_files", "column builds.archived", "1 file on record",
                             "gone-1-1-any.pkg.tar.zst", "Nothing was changed."})
        BOOST_TEST(has(words, part), "'" << part << "' is not in:\n" << words);
    BOOST_TEST((wholeFolder(over.home.path()) == before));
    BOOST_TEST(!std::filesystem::exists(over.farm.stateDirectory()));
}

BOOST_AUTO_TEST_CASE(the_dry_run_finds_nothing_wrong_with_ordinary_databases_of_every_generation)
{
    for (const auto& [name, generation] : Existing::generations()) {
        BOOST_TEST_CONTEXT(name) {
            TakeOver over;
            over.existing.make(generation, false);
            const auto [code, words] = importCheck(over.farm, over.existing.database());
            BOOST_TEST(code == 0, words);
            BOOST_TEST(has(words, "No problems were found"));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_dry_run_works_beside_a_running_farm_and_after_the_take_over)
{
    TakeOver over;
    over.existing.make(&OldFarm::october, false);
    over.farm.start();
    checkAccounts(over);
    const auto [code, words] = importCheck(over.farm, over.existing.database());
    BOOST_TEST(code == 0, words);
    BOOST_TEST(has(words, "is up to date"), words);
    over.farm.stop();
    const auto before = wholeFolder(over.home.path());
    BOOST_TEST(importCheck(over.farm, over.existing.database()).first == 0);
    BOOST_TEST((wholeFolder(over.home.path()) == before));
}

BOOST_AUTO_TEST_CASE(the_dry_run_understands_what_a_killed_writer_left_and_leaves_it)
{
    TakeOver over;
    over.existing.make(&OldFarm::october, false);
    // A journal beside a database in the middle of a change, as a kill leaves them.
    const auto wanted = over.existing.database(), journal = std::filesystem::path(over.database() + "-journal");
    TempDir killed;
    {
        storage::SqliteConnection writer(wanted, storage::SqliteConnection::Use::Write);
        writer.script("PRAGMA cache_size=1; PRAGMA cache_spill=1");
        writer.begin();
        writer.script("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
                      "INSERT INTO builds (id, pkgname, status) "
                      "SELECT 'half' || i, 'half-written', 'completed' FROM n");
        std::filesystem::copy_file(wanted, killed / "farm.db");
        std::filesystem::copy_file(journal, killed / "journal");
    }
    std::filesystem::copy_file(killed / "farm.db", wanted, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(killed / "journal", journal, std::filesystem::copy_options::overwrite_existing);
    BOOST_TEST_REQUIRE(has(readFile(wanted), "half-written"));
    const auto before = wholeFolder(over.home.path());
    const auto [code, words] = importCheck(over.farm, over.existing.database());
    BOOST_TEST(code == 0, words);
    BOOST_TEST(has(words, "4 builds"), words);
    BOOST_TEST((wholeFolder(over.home.path()) == before));
    over.farm.start();
    checkHistory(over);
}

BOOST_AUTO_TEST_CASE(a_database_that_cannot_be_taken_over_is_refused_by_dry_run_and_start_and_not_touched)
{
    TakeOver over;
    const auto refused = [&](const std::string& words) {
        const auto before = readFile(over.existing.database());
        const auto [code, output] = importCheck(over.farm, over.existing.database());
        BOOST_TEST(code == 2, output);
        BOOST_TEST(has(output, words), output);
        BOOST_CHECK_EXCEPTION(over.farm.start(), std::runtime_error,
                              [&](const auto& error) { return has(error.what(), words); });
        BOOST_TEST((readFile(over.existing.database()) == before));
    };
    std::ofstream(over.existing.database()) << "a letter" << std::string(5000, '.');
    refused("not a database");
    std::filesystem::remove(over.existing.database());
    OldFarm(over.existing.database()).sql("CREATE TABLE bookmarks (url TEXT)");
    refused("another program");
    std::filesystem::remove(over.existing.database());
    OldFarm(over.existing.database()).lastRelease().sql(
        "CREATE TABLE schema_versions (module TEXT, version INTEGER, applied_at REAL);"
        "INSERT INTO schema_versions VALUES ('core', 1000, 1)");
    refused("newer farm");
}

BOOST_AUTO_TEST_SUITE_END()
