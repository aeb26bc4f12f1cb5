// SPDX-License-Identifier: MIT
#include "real_server.h"
#include "support/documents.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

/// Runs as a reader would type it; only the name `farm:8080` leads to this farm, and a refusal ends the script.
std::string asTyped(const std::string& commands, std::uint16_t port)
{
    return "set -euo pipefail\ncurl() { command curl -sS --fail-with-body --connect-to farm:8080:127.0.0.1:" +
           std::to_string(port) + " \"$@\"; }\n" + commands;
}

} // namespace

BOOST_AUTO_TEST_SUITE(DocumentedCommands)

BOOST_AUTO_TEST_CASE(every_command_of_the_using_page_works_as_printed)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    farm.admin();
    farm.stop();
    addUser(farm, "myuser", "user", kHashOfMypass);
    farm.start();
    std::string commands;
    for (const auto& block : blocksOf(sourceDirectory() / "docs/using.md", "bash"))
        commands += block;
    const TempDir folder;
    std::filesystem::create_directory(folder / "mypackage");
    std::ofstream(folder / "mypackage/PKGBUILD") << pkgbuild("mypackage");
    std::ofstream(folder / "PKGBUILD") << pkgbuild("older-form");
    std::ofstream(folder / "source.tar.gz") << tarballOf(pkgbuild("content"));
    std::ofstream(folder / "commands.sh") << asTyped(commands, farm.port());

    ChildProcess shell({"env", "--chdir=" + folder.path().string(), "bash", "commands.sh"}, folder / "said");
    const auto code = shell.wait(std::chrono::minutes(3));

    BOOST_TEST_REQUIRE((code == 0), shell.output());
    BOOST_TEST(shell.output().find("==> Finished making: mypackage 1.0-1") != std::string::npos, shell.output());
    BOOST_TEST(std::filesystem::exists(folder / "mypackage-1.0-1-x86_64.pkg.tar.zst"));
    BOOST_TEST(readFile(folder / "build.log").find("mypackage") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
