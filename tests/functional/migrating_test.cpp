// SPDX-License-Identifier: MIT
#include "functional/take_over.h"
#include "support/documents.h"
#include "support/free_port.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;
using Existing = ExistingFarm;

namespace {

/// A machine with an existing farm, small enough for a temporary folder.
struct Machine {
    Machine()
    {
        existing.make(&OldFarm::october, true);
        for (const auto* name : {"bin", "units", "source"})
            std::filesystem::create_directory(folder / name);
        std::filesystem::create_directory_symlink(buildDirectory(), folder / "source/build");
        std::ofstream(folder / "apb.json") << R"({"servers": {"x86_64": ["http://127.0.0.1:9"]}})";
        std::ofstream(folder / "units/apb-farm.service")
            << "[Service]\nExecStart=python3 " << (sourceDirectory() / "tests/support/older_farm.py").string() << " "
            << existing.database().string() << " open\n";
        program("sudo", "while [ \"$1\" != \"${1#-}\" ]; do case \"$1\" in -H) export HOME=\"$FARM_HOME\"; shift;; "
                        "-u) shift 2;; esac; done; exec \"$@\"");
        program("systemctl", "exec python3 " + (sourceDirectory() / "tests/support/systemctl.py").string() + " \"$@\"");
    }
    ~Machine()
    {
        ChildProcess({folder / "bin/systemctl", "stop", "apb-farm"}, folder / "stop.log", environment()).wait();
    }

    void program(const std::string& name, const std::string& script) const
    {
        std::ofstream(folder / "bin" / name) << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(folder / "bin" / name, std::filesystem::perms(0755));
    }

    std::map<std::string, std::string> environment() const
    {
        return {{"PATH", (folder / "bin").string() + ":" + std::getenv("PATH")},
                {"FARM_HOME", home()},
                {"UNITS", folder / "units"},
                {"APB_FARM_HOST", "127.0.0.1"},
                {"APB_FARM_PORT", std::to_string(port)}};
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

    TempDir folder;
    ExistingFarm existing{folder / "home"};
    std::uint16_t port = freePort();
};

} // namespace

BOOST_AUTO_TEST_SUITE(Migrating)

BOOST_AUTO_TEST_CASE(the_commands_of_the_document_lead_there_and_back_and_there_again)
{
    const auto blocks = blocksOf(sourceDirectory() / "docs/migrating.md", "bash");
    BOOST_TEST_REQUIRE(blocks.size() == 9u);
    const Machine machine;
    const auto ask = "python3 " + (sourceDirectory() / "tests/support/older_farm.py").string() + " " +
                     machine.existing.database().string();
    auto script = "set -euo pipefail\n" + machine.settings();
    for (std::size_t i = 1; i < blocks.size(); ++i) {
        script += "echo; echo '=== block " + std::to_string(i) + "'\n" + blocks[i];
        if (has(blocks[i], "sqlite3"))   // the way back: what the older program sees then
            script += ask + " mail\n" + ask + " token " + Existing::kToken + "\n" + ask + " login alice '" +
                      Existing::kAlicesPassword + "' >/dev/null\n" + ask + " work alice\n";
    }
    std::ofstream(machine.folder / "commands") << script;
    ChildProcess shell({"bash", machine.folder / "commands"}, machine.folder / "output", machine.environment());
    const auto code = shell.wait(std::chrono::minutes(5));
    const auto output = shell.output();
    BOOST_TEST(code.value_or(-1) == 0, output << readFile(machine.folder / "units/apb-farm.log"));
    for (const auto* part : {"3 accounts", "\"username\":\"alice\"", "zlib", Existing::kMailPassword, "=== block 8"})
        BOOST_TEST(has(output, part), "'" << part << "' is not in:\n" << output);

    const HttpClient farm(machine.port);
    BOOST_TEST(has(farm.get("/builds/latest").body, "finished-by-the-older-farm"));
    BOOST_TEST(farm.get(Existing::packagePath()).body == "the bytes of a package");
}

BOOST_AUTO_TEST_SUITE_END()
