// SPDX-License-Identifier: MIT
#include "service/foreign_files.h"

#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;

namespace {

constexpr auto kBuild = "11111111-1111-4111-8111-111111111111";
constexpr auto kLive = "22222222-2222-4222-8222-222222222222";

struct Fixture {
    test::TempDir folder;
    std::vector<ForeignFile> records;

    std::filesystem::path put(const std::string& build, const std::string& name, const std::string& bytes = "bytes")
    {
        std::filesystem::create_directories(folder / build);
        std::ofstream(folder / build / name) << bytes;
        return folder / build / name;
    }
    service::ForeignFiles find() const
    {
        return service::findForeignFiles(records, folder.path(), [](const BuildId& id) { return id == kBuild; });
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(ForeignFiles)

BOOST_FIXTURE_TEST_CASE(files_are_found_where_they_are_recorded_and_in_the_folder, Fixture)
{
    const auto moved = put(kBuild, "moved.pkg");
    put(kBuild, "unrecorded.pkg");
    put(kLive, "unrecorded.pkg");
    test::TempDir elsewhere;
    std::filesystem::create_directories(elsewhere / kBuild);
    std::ofstream(elsewhere / kBuild / "there.pkg") << "bytes";
    records = {{kBuild, "there.pkg", (elsewhere / kBuild / "there.pkg").string(), 5, fromEpoch(1)},
               {kBuild, "moved.pkg", "/gone/" + std::string(kBuild) + "/moved.pkg", 5, fromEpoch(2)}};
    const auto files = find();
    BOOST_TEST_REQUIRE(files.found.size() == 3u);
    BOOST_TEST(files.found[0].file.filename == "unrecorded.pkg");   // newest first
    BOOST_TEST(files.found[1].place == moved);
    BOOST_TEST(files.found[2].place == elsewhere / kBuild / "there.pkg");
    BOOST_TEST(files.missing.empty());
    BOOST_TEST(files.unusable.empty());
}

BOOST_FIXTURE_TEST_CASE(what_is_missing_or_has_another_length_is_told, Fixture)
{
    put(kBuild, "cut.pkg", "byt");
    records = {{kBuild, "gone.pkg", "", 5}, {kBuild, "cut.pkg", "", 5}};
    const auto files = find();
    BOOST_TEST(files.found.empty());
    BOOST_TEST_REQUIRE(files.missing.size() == 1u);
    BOOST_TEST(files.missing[0] == std::string(kBuild) + "/gone.pkg");
    BOOST_TEST_REQUIRE(files.unusable.size() == 1u);
    BOOST_TEST(files.unusable[0].find("3 bytes instead of 5") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(no_record_leads_out_of_a_builds_folder_F1, Fixture)
{
    std::ofstream(folder / "secret") << "bytes";
    std::filesystem::create_directories(folder / kBuild);
    std::filesystem::create_symlink(folder / "secret", folder / kBuild / "link.pkg");
    records = {{kBuild, "secret", (folder / "secret").string(), 5},
               {kBuild, "../secret", "", 5},
               {"..", "secret", "", 5}};
    const auto files = find();
    BOOST_TEST(files.found.empty());
    BOOST_TEST(files.missing.size() == 1u);
    BOOST_TEST(files.unusable.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(what_was_adopted_before_is_not_found_again, Fixture)
{
    put(kBuild, "done.pkg");
    records = {{kBuild, "done.pkg", "", 5, fromEpoch(1), true}};
    BOOST_TEST(find().found.empty());
}

BOOST_AUTO_TEST_SUITE_END()
