// SPDX-License-Identifier: MIT
#include "functional/farm_commands.h"
#include "support/documents.h"
#include "support/fake_build_server.h"
#include "support/free_port.h"
#include "support/packages.h"

using namespace apbfarm;
using namespace apbfarm::test;
namespace fs = std::filesystem;

namespace {

/// A machine with an installed farm, small enough for a temporary folder.
struct Machine {
    Machine()
    {
        for (const auto* name : {"bin", "units", "etc"})
            fs::create_directory(folder / name);
        std::ofstream(folder / "etc/apb.json") << "{\"servers\": {\"x86_64\": [\"" << server.url() << "\"]}}";
        std::ofstream(folder / "etc/apb-farm.properties")
            << "http.host = 127.0.0.1\nhttp.port = " << port
            << "\nhttp.maxConnections = 1000\nstate.directory = " << (folder / "state").string()
            << "\ndatabase.path = " << (folder / "farm.db").string()
            << "\nplugins.dir = " << (buildDirectory() / "plugins").string()
            << "\nweb.directory = " << (sourceDirectory() / "web").string() << "\nauth.local.iterations = 10000\n";
        std::ofstream(folder / "units/apb-farm.service")
            << "[Service]\nExecStart=" << (buildDirectory() / "bin/apb-farm").string() << "\n";
        fs::create_symlink(buildDirectory() / "bin/apb-farm", folder / "bin/apb-farm");
        program("sudo",
                "while [ \"$1\" != \"${1#-}\" ]; do case \"$1\" in -u) shift 2;; *) shift;; esac; done; exec \"$@\"");
        program("systemctl", "exec python3 " + (sourceDirectory() / "tests/support/systemctl.py").string() + " \"$@\"");
    }
    ~Machine()
    {
        ChildProcess({folder / "bin/systemctl", "stop", "apb-farm"}, folder / "stop.log", environment()).wait();
    }

    void program(const std::string& name, const std::string& script) const
    {
        std::ofstream(folder / "bin" / name) << "#!/bin/sh\n" << script << "\n";
        fs::permissions(folder / "bin" / name, fs::perms(0755));
    }

    std::map<std::string, std::string> environment() const
    {
        return {{"PATH", (folder / "bin").string() + ":" + std::getenv("PATH")},
                {"FARM_HOME", folder.path()},
                {"UNITS", folder / "units"},
                {"APB_FARM_CONFIG", folder / "etc/apb.json"},
                {"APB_FARM_PROPERTIES", folder / "etc/apb-farm.properties"}};
    }

    /// What stands in the place of the first block.
    std::string settings() const
    {
        return "FARM_USER=$(id -un)\nUNIT=apb-farm\nURL=http://127.0.0.1:" + std::to_string(port) + "\nSTATE=" +
               (folder / "state").string() + "\nBACKUPS=" + (folder / "backups").string() + "\nKEYCOPY=" +
               (folder / "key").string() + "\nSERVER=" + server.url() + "\nMONITORING=" +
               (sourceDirectory() / "packaging/monitoring").string() + "\nPASSWORD='a long sentence of your own'\n";
    }

    TempDir folder;
    FakeBuildServer server;
    std::uint16_t port = freePort();
};

} // namespace

BOOST_AUTO_TEST_SUITE(Operating)

BOOST_AUTO_TEST_CASE(every_command_of_the_runbook_works_as_printed)
{
    const auto blocks = blocksOf(sourceDirectory() / "docs/operating.md", "bash");
    BOOST_TEST_REQUIRE(blocks.size() == 18u);
    const Machine machine;
    auto script = "set -euo pipefail\n" + machine.settings();
    for (std::size_t i = 1; i < blocks.size(); ++i)
        script += "echo; echo '=== block " + std::to_string(i) + "'\n" + blocks[i];
    std::ofstream(machine.folder / "commands") << script;
    ChildProcess shell({"bash", machine.folder / "commands"}, machine.folder / "output", machine.environment());
    const auto code = shell.wait(std::chrono::minutes(5));
    const auto output = shell.output();
    BOOST_TEST_REQUIRE(code.value_or(-1) == 0, output << readFile(machine.folder / "units/apb-farm.log"));
    for (const auto* part :
         {"The configuration is fine.", "has the new password", "ok  build servers: all 1 answer", "today.tar.zst",
          "Restored the backup of", "\"max_size_mb\": 10240", "The key in ", "SUCCESS: 17 rules found", "=== block 17"})
        BOOST_TEST(has(output, part), "'" << part << "' is not in:\n" << output);

    // It is a farm that works: who knows the password submits, the server builds.
    HttpClient client(machine.port);
    const auto login =
        client.postJson("/auth/login", R"({"username":"admin","password":"a long sentence of your own"})");
    BOOST_TEST_REQUIRE(login.status == 200, login.body);
    client.always("Authorization", "Bearer " + member(login, "token"));
    BOOST_TEST(member(client.get("/admin/cache"), "max_size_mb") == "2048");
    BOOST_TEST(
        const_cast<FakeBuildServer&>(machine.server).waitForAccepted(member(submit(client, "afterwards"), "build_id")));
}

BOOST_AUTO_TEST_SUITE_END()
