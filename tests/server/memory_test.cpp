// SPDX-License-Identifier: MIT
#include "server_fixture.h"

#include "system_info.h"

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

constexpr std::uint64_t kMebibyte = 1 << 20;

/// Makes `hold MEBIBYTES SECONDS`, a program that has so much memory for so long, and runs `commands`.
std::string holdingBuild(const std::string& commands)
{
    return pkgbuild("holder", R"(build() {
  cat > hold.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char** given)
{
    size_t size = (size_t)atoi(given[1]) << 20;
    char* memory = malloc(size);
    memset(memory, count, size);
    sleep(atoi(given[2]));
    return memory[size / 2] != count;
}
END
  cc -o hold hold.c
  )" + commands + "\n}\n" + kEmptyPackage);
}

std::uint64_t bytes(const Json& build, const std::string& name)
{
    return build->has(name) ? build->getValue<Poco::UInt64>(name) : 0;
}

void checkPeak(ServerFixture& server, const std::string& commands)
{
    const auto id = server.build(holdingBuild(commands));
    const auto build = server.waitForEnd(id);
    BOOST_TEST_REQUIRE(statusOf(build) == "completed", server.log(id));
    BOOST_TEST(bytes(build, "peak_memory") >= 200 * kMebibyte);
    BOOST_TEST(bytes(build, "peak_memory") <= 400 * kMebibyte);
    BOOST_TEST(bytes(build, "server_memory") == server::usableMemory());
}

} // namespace

BOOST_AUTO_TEST_SUITE(BuildServerMemory)

BOOST_FIXTURE_TEST_CASE(what_a_single_process_needs_for_a_moment_is_reported, ServerFixture)
{
    start();
    checkPeak(*this, "./hold 200 0");
}

BOOST_FIXTURE_TEST_CASE(what_processes_need_at_the_same_time_is_added_up, ServerFixture)
{
    start();
    checkPeak(*this, "./hold 70 6 & ./hold 70 6 & (setsid ./hold 70 6 &) ; wait; true");
}

BOOST_FIXTURE_TEST_CASE(without_a_sandbox_and_without_rights_it_is_the_same, ServerFixture)
{
    startWithoutRights({"--builder", "plain"});
    checkPeak(*this, "./hold 110 6 & ./hold 110 6 & wait; true");
}

BOOST_FIXTURE_TEST_CASE(it_is_known_when_a_build_has_ended_also_when_it_failed_and_after_a_restart, ServerFixture)
{
    start({"--builder", "plain"});
    const auto gate = directory() / "gate";
    const auto id = build(holdingBuild("./hold 200 0; echo held; while ! test -e " + gate.string() + "; do sleep 0.05; done; false"));
    BOOST_TEST_REQUIRE(waitForLine(id, "held"));
    const auto running = status(id);
    BOOST_TEST(!running->has("peak_memory"));   // would make each answer a new one for those who ask
    BOOST_TEST(running->has("server_memory"));
    std::ofstream(gate) << "open";
    const auto ended = waitForEnd(id);
    BOOST_TEST(statusOf(ended) == "failed");
    BOOST_TEST(bytes(ended, "peak_memory") >= 200 * kMebibyte);
    program().terminate();
    start();
    BOOST_TEST(bytes(status(id), "peak_memory") == bytes(ended, "peak_memory"));
    BOOST_TEST(bytes(status(id), "server_memory") == bytes(ended, "server_memory"));
}

BOOST_FIXTURE_TEST_CASE(a_build_that_needs_little_is_said_to_need_little, ServerFixture)
{
    start();
    const auto build = waitForEnd(this->build(pkgbuild("little", kEmptyPackage)));
    BOOST_TEST(bytes(build, "peak_memory") > 0u);
    BOOST_TEST(bytes(build, "peak_memory") < 100 * kMebibyte);
}

BOOST_AUTO_TEST_SUITE_END()
