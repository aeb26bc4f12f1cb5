// SPDX-License-Identifier: MIT
#include "functional/document_machine.h"
#include "functional/farm_commands.h"
#include "support/documents.h"
#include "support/fake_build_server.h"
#include "support/packages.h"

using namespace apbfarm;
using namespace apbfarm::test;
namespace fs = std::filesystem;

namespace {

/// A machine with an installed farm.
struct Machine : DocumentMachine {
    Machine() : DocumentMachine((buildDirectory() / "bin/apb-farm").string())
    {
        fs::create_directory(folder / "etc");
        std::ofstream(folder / "etc/apb.json") << "{\"servers\": {\"x86_64\": [\"" << server.url() << "\"]}}";
        std::ofstream(folder / "etc/apb-farm.properties")
            << "http.host = 127.0.0.1\nhttp.port = " << port
            << "\nhttp.maxConnections = 1000\nstate.directory = " << (folder / "state").string()
            << "\ndatabase.path = " << (folder / "farm.db").string()
            << "\nplugins.dir = " << (buildDirectory() / "plugins").string()
            << "\nweb.directory = " << (sourceDirectory() / "web").string() << "\nauth.local.iterations = 10000\n";
        fs::create_symlink(buildDirectory() / "bin/apb-farm", folder / "bin/apb-farm");
        variables.insert({{"FARM_HOME", folder.path()},
                          {"APB_FARM_CONFIG", folder / "etc/apb.json"},
                          {"APB_FARM_PROPERTIES", folder / "etc/apb-farm.properties"}});
    }

    /// What stands in the place of the first block.
    std::string settings() const
    {
        return "FARM_USER=$(id -un)\nUNIT=apb-farm\nURL=http://127.0.0.1:" + std::to_string(port) + "\nSTATE=" +
               (folder / "state").string() + "\nBACKUPS=" + (folder / "backups").string() + "\nKEYCOPY=" +
               (folder / "key").string() + "\nSERVER=" + server.url() + "\nMONITORING=" +
               (sourceDirectory() / "packaging/monitoring").string() + "\nPASSWORD='a long sentence of your own'\n";
    }

    FakeBuildServer server;
};

} // namespace

BOOST_AUTO_TEST_SUITE(Operating)

BOOST_AUTO_TEST_CASE(every_command_of_the_runbook_works_as_printed)
{
    const auto blocks = blocksOf(sourceDirectory() / "docs/operating.md", "bash");
    BOOST_TEST_REQUIRE(blocks.size() == 18u);
    Machine machine;
    const auto output = machine.type(machine.settings(), blocks);
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
    BOOST_TEST(machine.server.waitForAccepted(member(submit(client, "afterwards"), "build_id")));
}

BOOST_AUTO_TEST_SUITE_END()
