// SPDX-License-Identifier: MIT
// A stranger with nothing but docs/writing-a-plugin.md and the installed farm.
#include "support/documents.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <regex>

namespace fs = std::filesystem;
using namespace apbfarm::test;

namespace {

const fs::path& page()
{
    static const auto path = sourceDirectory() / "docs/writing-a-plugin.md";
    return path;
}

std::string cached(const std::string& variable)
{
    static const auto cache = readFile(buildDirectory() / "CMakeCache.txt");
    std::smatch found;
    return std::regex_search(cache, found, std::regex("(?:^|\n)" + variable + ":[A-Z]+=([^\n]*)")) ? found[1].str() : "";
}

/// Plugins are built like the farm that loads them.
std::map<std::string, std::string> toolsOfThisBuild()
{
    const auto sanitizers = cached("APB_FARM_SANITIZE");
    const auto flags = sanitizers.empty() ? "" : "-fsanitize=" + sanitizers;
    return {{"CXX", cached("CMAKE_CXX_COMPILER")}, {"CXXFLAGS", flags}, {"LDFLAGS", flags}};
}

/// What stands in the place of the first block.
std::string settings(const fs::path& folder)
{
    return "SOURCE=" + (folder / "source").string() + "\nPREFIX=" + (folder / "farm").string() + "\nWORK=" +
           (folder / "plugins").string() + "\nFARM=http://127.0.0.1:" + std::to_string(freePort()) +
           "\nSERVER=http://127.0.0.1:" + std::to_string(freePort()) + "\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(WritingAPlugin)

BOOST_AUTO_TEST_CASE(the_files_and_commands_of_the_page_make_plugins_that_a_farm_uses)
{
    const TempDir folder;
    fs::permissions(folder.path(), fs::perms(0711));   // builds may run as another account
    fs::create_directory(folder / "source");
    fs::create_directory_symlink(buildDirectory(), folder / "source/build");
    fs::create_directory_symlink(sourceDirectory() / "examples", folder / "source/examples");
    for (const auto& file : quotedFilesOf(page())) {
        fs::create_directories((folder / "plugins" / file.name).parent_path());
        std::ofstream(folder / "plugins" / file.name) << file.content;
    }
    const auto blocks = blocksOf(page(), "bash");
    BOOST_TEST_REQUIRE(blocks.size() == 10u);
    auto script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true; cat farm.log || true' EXIT\n" +
                  settings(folder.path());
    for (std::size_t i = 1; i < blocks.size(); ++i)
        script += blocks[i];
    std::ofstream(folder / "commands") << script;

    ChildProcess shell({"bash", folder / "commands"}, folder / "said", toolsOfThisBuild());
    const auto code = shell.wait(std::chrono::minutes(18));
    if (!code)
        shell.terminate();

    const auto said = shell.output();
    BOOST_TEST(code.value_or(-1) == 0, said);
    for (const auto* part :
         {"kept    no_reason_names_a_server", "kept    nobody_else_is_recognised",
          "kept    a_receiver_that_is_away_means_later", "kept    a_second_start_finds_what_the_first_made",
          "scheduler.firstfit (scheduler-firstfit)", "\"status\": \"completed\"",
          "\"reason\": \"the first server of the list that has room\"", "\"role\": \"admin\"",
          R"("author":"alice","id":1,"text":"Says hello, and nothing else.")", "To: alice@example.org\nKind: build-finished"})
        BOOST_TEST((said.find(part) != std::string::npos), "'" << part << "' is not in:\n" << said);
    BOOST_TEST((said.find("BROKEN") == std::string::npos), said);
}

BOOST_AUTO_TEST_SUITE_END()
