// SPDX-License-Identifier: MIT
#include "functional/document_machine.h"
#include "functional/take_over.h"
#include "support/documents.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;
using Existing = ExistingFarm;

namespace {

/// A machine with an existing farm.
struct Machine : DocumentMachine {
    Machine() : DocumentMachine("", "-H) export HOME=\"$FARM_HOME\"; shift;; ")
    {
        existing.make(&OldFarm::october, true);
        runs("python3 " + olderFarm() + " open");
        std::filesystem::create_directory(folder / "source");
        std::filesystem::create_directory_symlink(buildDirectory(), folder / "source/build");
        std::ofstream(folder / "apb.json") << R"({"servers": {"x86_64": ["http://127.0.0.1:9"]}})";
        variables.insert(
            {{"FARM_HOME", home()}, {"APB_FARM_HOST", "127.0.0.1"}, {"APB_FARM_PORT", std::to_string(port)}});
    }

    /// What the program of the older farm is called with.
    std::string olderFarm() const
    {
        return (sourceDirectory() / "tests/support/older_farm.py").string() + " " + existing.database().string();
    }

    /// What stands in the place of the first block.
    std::string settings() const
    {
        return "PREFIX=" + (folder / "opt").string() + "\nFARM_USER=apb\nFARM_HOME=" + home() + "\nFARM_JSON=" +
               (folder / "apb.json").string() + "\nUNIT=apb-farm\nUNITS=" + (folder / "units").string() +
               "\nURL=http://127.0.0.1:" + std::to_string(port) + "\nNAME=alice\nPASSWORD='" +
               Existing::kAlicesPassword + "'\ncd " + (folder / "source").string() + "\n";
    }

    std::string home() const { return (folder / "home").string(); }

    ExistingFarm existing{folder / "home"};
};

} // namespace

BOOST_AUTO_TEST_SUITE(Migrating)

BOOST_AUTO_TEST_CASE(the_commands_of_the_document_lead_there_and_back_and_there_again)
{
    auto blocks = blocksOf(sourceDirectory() / "docs/migrating.md", "bash");
    BOOST_TEST_REQUIRE(blocks.size() == 9u);
    const Machine machine;
    const auto ask = "python3 " + machine.olderFarm();
    for (auto& block : blocks)
        if (has(block, "sqlite3"))   // the way back: what the older program sees then
            block += ask + " mail\n" + ask + " token " + Existing::kToken + "\n" + ask + " login alice '" +
                     Existing::kAlicesPassword + "' >/dev/null\n" + ask + " work alice\n";
    const auto output = machine.type(machine.settings(), blocks);
    for (const auto* part : {"3 accounts", "\"username\":\"alice\"", "zlib", Existing::kMailPassword, "=== block 8"})
        BOOST_TEST(has(output, part), "'" << part << "' is not in:\n" << output);

    const HttpClient farm(machine.port);
    BOOST_TEST(has(farm.get("/builds/latest").body, "finished-by-the-older-farm"));
    BOOST_TEST(farm.get(Existing::packagePath()).body == "the bytes of a package");
}

BOOST_AUTO_TEST_SUITE_END()
