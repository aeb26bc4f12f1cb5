// SPDX-License-Identifier: MIT
#include "files/artifact_store.h"

#include "support/temp_dir.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <fstream>
#include <iterator>

using namespace apbfarm;
using namespace apbfarm::files;

using namespace std::chrono_literals;

namespace {

const Timestamp kTomorrow = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) + 24h;

struct Fixture {
    test::TempDir folder;
    ArtifactStore store{folder / "artifacts"};

    std::filesystem::path temporary() const { return folder / "artifacts" / "tmp"; }
    StoredFile put(const std::string& content)
    {
        auto writer = store.begin();
        writer.append(content);
        return writer.finish(content.size());
    }
    std::string read(const std::string& digest) const
    {
        std::ifstream file(store.pathOf(digest), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ArtifactStore)

BOOST_FIXTURE_TEST_CASE(a_finished_file_lies_under_its_digest_F1, Fixture)
{
    auto writer = store.begin();
    writer.append("pack");
    writer.append("age");
    const auto stored = writer.finish(7);
    BOOST_TEST(stored.size == 7u);
    BOOST_TEST(stored.sha256 == util::sha256Hex("package"));
    BOOST_TEST(store.has(stored.sha256));
    BOOST_TEST(read(stored.sha256) == "package");
    BOOST_TEST(store.pathOf(stored.sha256).filename() == stored.sha256);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_not_finished_is_never_seen_D7, Fixture)
{
    {
        auto writer = store.begin();
        writer.append("half");
        BOOST_TEST(!store.has(util::sha256Hex("half")));
    }
    BOOST_TEST(std::filesystem::is_empty(temporary()));
}

BOOST_FIXTURE_TEST_CASE(a_file_of_another_length_is_refused_D7, Fixture)
{
    for (const std::uint64_t expected : {0u, 3u, 5u}) {
        auto writer = store.begin();
        writer.append("four");
        BOOST_CHECK_THROW(writer.finish(expected), InvalidInput);
    }
    BOOST_TEST(!store.has(util::sha256Hex("four")));
    BOOST_TEST(std::filesystem::is_empty(temporary()));
}

BOOST_FIXTURE_TEST_CASE(an_empty_file_is_a_file, Fixture)
{
    BOOST_TEST(store.has(put("").sha256));
}

BOOST_FIXTURE_TEST_CASE(the_same_content_twice_is_one_file, Fixture)
{
    const auto first = put("same"), second = put("same");
    BOOST_TEST(first.sha256 == second.sha256);
    BOOST_TEST(read(first.sha256) == "same");
    BOOST_TEST(store.removeIfOlderThan(first.sha256, kTomorrow) == 4u);
    BOOST_TEST(store.removeIfOlderThan(first.sha256, kTomorrow) == 0u);
    BOOST_TEST(!store.has(second.sha256));
}

BOOST_FIXTURE_TEST_CASE(what_was_stored_again_is_young_again_and_stays, Fixture)
{
    const auto old = put("old"), again = put("again");
    for (const auto& file : {old, again})
        std::filesystem::last_write_time(store.pathOf(file.sha256), std::filesystem::file_time_type::clock::now() - 48h);
    put("again");
    const auto yesterday = kTomorrow - 48h;
    BOOST_TEST(store.listOlderThan(yesterday) == std::vector{old.sha256}, boost::test_tools::per_element());
    BOOST_TEST(store.removeIfOlderThan(again.sha256, yesterday) == 0u);
    BOOST_TEST(store.has(again.sha256));
    BOOST_TEST(store.removeIfOlderThan(old.sha256, yesterday) == 3u);
    BOOST_TEST(store.listOlderThan(kTomorrow).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_restarted_store_has_what_was_finished_and_sweeps_the_rest_D7, Fixture)
{
    const auto stored = put("kept");
    std::ofstream(temporary() / "remnant.tmp") << "half";
    ArtifactWriter open = store.begin();
    files::ArtifactStore restarted(folder / "artifacts");
    restarted.sweepTemporaries();
    BOOST_TEST(restarted.has(stored.sha256));
    BOOST_TEST(std::filesystem::is_empty(temporary()));
}

BOOST_FIXTURE_TEST_CASE(a_file_from_elsewhere_is_taken_over_without_room_and_stays_where_it_is, Fixture)
{
    const auto elsewhere = folder / "package";
    std::ofstream(elsewhere) << "a package";
    const auto stored = store.takeOver(elsewhere, 9, 0);
    BOOST_TEST(stored.size == 9u);
    BOOST_TEST(read(stored.sha256) == "a package");
    BOOST_TEST(std::filesystem::equivalent(store.pathOf(stored.sha256), elsewhere));
    BOOST_TEST(store.takeOver(elsewhere, std::nullopt, 0).sha256 == stored.sha256);
    std::filesystem::remove(elsewhere);
    BOOST_TEST(read(stored.sha256) == "a package");
}

BOOST_FIXTURE_TEST_CASE(from_another_file_system_it_is_copied_if_the_reserve_stays_free, Fixture)
{
    // Files in memory lie in a file system of their own.
    const auto elsewhere = std::filesystem::path("/dev/shm") / folder.path().filename();
    std::ofstream(elsewhere) << "a package";
    BOOST_CHECK_THROW(store.takeOver(elsewhere, 9, UINT64_MAX / 2), StorageFull);
    const auto stored = store.takeOver(elsewhere, 9, 0);
    BOOST_TEST(read(stored.sha256) == "a package");
    BOOST_TEST(!std::filesystem::equivalent(store.pathOf(stored.sha256), elsewhere));
    std::filesystem::remove(elsewhere);
    BOOST_TEST(std::filesystem::is_empty(temporary()));
}

BOOST_FIXTURE_TEST_CASE(only_regular_files_of_the_expected_length_are_taken_over_D7, Fixture)
{
    std::ofstream(folder / "short") << "half";
    std::filesystem::create_symlink(folder / "short", folder / "link");
    BOOST_CHECK_THROW(store.takeOver(folder / "short", 5, 0), InvalidInput);
    BOOST_CHECK_THROW(store.takeOver(folder / "link", 4, 0), NotFound);
    BOOST_CHECK_THROW(store.takeOver(folder.path(), std::nullopt, 0), NotFound);
    BOOST_CHECK_THROW(store.takeOver(folder / "absent", std::nullopt, 0), NotFound);
}

BOOST_AUTO_TEST_SUITE_END()
