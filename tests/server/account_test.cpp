// SPDX-License-Identifier: MIT
// A build server that is started by an ordinary account, as its package does, builds as that account.
#include "server_fixture.h"

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

class AccountFixture : public ServerFixture {
public:
    void checkBuildsAsItself(const std::string& builder)
    {
        startWithoutRights({"--builder", builder});
        const auto status = readFile("/proc/" + std::to_string(program().pid()) + "/status");
        const auto line = status.find("\nUid:\t") + 6;
        const auto uid = status.substr(line, status.find('\t', line) - line);
        BOOST_TEST(uid != "0");
        const auto id = build(pkgbuild("self", "build() { echo real uid $(grep ^Uid: /proc/self/status | cut -f 2); }\n" +
                                                   kEmptyPackage));
        BOOST_TEST(statusOf(waitForEnd(id)) == "completed", log(id) + program().output());
        BOOST_TEST(log(id).find("real uid " + uid + "\n") != std::string::npos, log(id));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildServerAccount)

BOOST_FIXTURE_TEST_CASE(an_ordinary_account_builds_as_itself_without_a_sandbox, AccountFixture)
{
    checkBuildsAsItself("plain");
}

BOOST_FIXTURE_TEST_CASE(an_ordinary_account_builds_as_itself_in_a_sandbox, AccountFixture)
{
    auto command = withoutRights();
    for (const auto* word : {"bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "--proc",
                             "/proc", "true"})
        command.push_back(word);
    ChildProcess probe(command, directory() / "probe");
    const bool works = probe.wait().value_or(-1) == 0;
    BOOST_WARN_MESSAGE(works, "skipped: no sandbox without rights here: " << probe.output());
    if (works)
        checkBuildsAsItself("sandbox");
}

BOOST_AUTO_TEST_SUITE_END()
