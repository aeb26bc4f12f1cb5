// SPDX-License-Identifier: MIT
#include "server_fixture.h"

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

class SandboxFixture : public ServerFixture {
public:
    /// False, and says so, where the machine lets nobody make a sandbox.
    bool works()
    {
        ChildProcess probe({"bwrap", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"}, directory() / "probe");
        const bool good = probe.wait().value_or(-1) == 0;
        BOOST_WARN_MESSAGE(good, "skipped: bubblewrap does not work here: " << probe.output());
        return good;
    }

    /// The log of a build that ran these commands and went on when one failed.
    std::string logOf(const std::string& commands)
    {
        const auto id = build(pkgbuild("probe", "build() {\n  set +eE; trap - ERR\n" + commands + "\n  true\n}\n" + kEmptyPackage));
        BOOST_TEST(statusOf(waitForEnd(id)) == "completed", log(id));
        return log(id);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildServerSandbox)

BOOST_FIXTURE_TEST_CASE(a_build_sees_neither_homes_nor_the_server_nor_other_builds, SandboxFixture)
{
    if (!works())
        return;
    std::ofstream(directory() / "secret") << "the-servers-secret";
    start({"--builder", "sandbox"});
    const auto other = build(pkgbuild("other", kEmptyPackage));
    waitForEnd(other);
    const auto text = logOf("  for d in /root /home " + directory().path().string() + " /var/lib/dpkg /etc/shadow /boot; do\n"
                            "    test -e $d && echo VISIBLE $d\n  done\n"
                            "  cat " + (directory() / "secret").string() + "\n"
                            "  echo home=$HOME; ls -a /; echo processes=$(ls -d /proc/[0-9]* | wc -l)\n"
                            "  grep -i capeff /proc/self/status; echo uid=$(id -u)");
    BOOST_TEST(text.find("VISIBLE") == std::string::npos, text);
    BOOST_TEST(text.find("the-servers-secret") == std::string::npos);
    BOOST_TEST(text.find("home=/build/home") != std::string::npos);
    BOOST_TEST(text.find("CapEff:\t0000000000000000") != std::string::npos, text);
    BOOST_TEST(text.find("uid=0\n") == std::string::npos);
    const auto processes = text.find("processes=");
    BOOST_TEST_REQUIRE(processes != std::string::npos);
    BOOST_TEST(std::stoi(text.substr(processes + 10)) < 20);
}

BOOST_FIXTURE_TEST_CASE(a_build_has_no_network_unless_allowed, SandboxFixture)
{
    if (!works())
        return;
    // The server itself is what listens on the machine's loopback.
    const auto reach = [&] {
        return logOf("  (exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(http().port()) + ") 2>/dev/null && echo REACHED\n"
                     "  echo devices=$(grep -c : /proc/net/dev)");
    };
    start({"--builder", "sandbox"});
    const auto without = reach();
    BOOST_TEST(without.find("REACHED") == std::string::npos, without);
    BOOST_TEST(without.find("devices=1\n") != std::string::npos, without);
    program().terminate();
    start({"--builder", "sandbox", "--allow-network"});
    BOOST_TEST(reach().find("REACHED") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_build_writes_nowhere_but_in_its_folder, SandboxFixture)
{
    if (!works())
        return;
    start({"--builder", "sandbox"});
    const auto text = logOf("  for f in /usr/x /usr/bin/makepkg /etc/x /etc/makepkg.conf /x /lib/x /var/x /proc/sys/kernel/hostname; do\n"
                            "    (: >> $f) 2>/dev/null && echo WRITTEN $f\n  done\n"
                            "  echo x > /build/here && echo x > /tmp/there && echo own folder is fine");
    BOOST_TEST(text.find("WRITTEN") == std::string::npos, text);
    BOOST_TEST(text.find("own folder is fine") != std::string::npos, text);
    BOOST_TEST(!std::filesystem::exists("/tmp/there"));
}

BOOST_FIXTURE_TEST_CASE(packages_that_are_links_or_odd_are_not_taken, SandboxFixture)
{
    start();
    const auto text = pkgbuild("sly", "package() {\n  ln -s /etc/passwd \"$PKGDEST/sly-2-1-any.pkg.tar.zst\"\n"
                                      "  mkfifo \"$PKGDEST/sly-3-1-any.pkg.tar.zst\"\n"
                                      "  touch \"$PKGDEST/--sly.pkg.tar.zst\"\n"
                                      "  install -d \"$pkgdir/usr/share/sly\"\n}");
    const auto id = build(text);
    const auto packages = packagesOf(waitForEnd(id));
    BOOST_TEST_REQUIRE(packages.size() == 1u, log(id));
    BOOST_TEST(packages[0] == "sly-1-1-any.pkg.tar.zst");
    BOOST_TEST(!std::filesystem::exists(directory() / "builds" / id / "work"));
}

BOOST_AUTO_TEST_SUITE_END()
