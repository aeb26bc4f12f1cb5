// SPDX-License-Identifier: MIT
#include "package/source_tarball.h"
#include "support/manual_clock.h"
#include "support/short_memory.h"
#include "tar_builder.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

using namespace apbfarm;
using namespace apbfarm::package;
using namespace apbfarm::test;

namespace {

/// As the child's exit status; libarchive itself ends with 1 when it cannot go on.
enum Verdict { kSound = 0, kSaidNoMemory = 10, kCalledWrong = 11 };

Verdict inspectLacking(long allocation, const std::string& packed)
{
    MemorySource source(packed);
    const ManualClock clock;
    try {
        failAllocations(allocation, 1, Lacking::Everything);
        inspectTarball(source, {}, clock);
        return endFailing() > 0 ? kSaidNoMemory : kSound;
    } catch (const std::bad_alloc&) {
        return kSaidNoMemory;
    } catch (const Error&) {
        return kCalledWrong;
    }
}

/// In a process of its own, which libarchive may end.
int verdictWithout(long allocation, const std::string& packed)
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(inspectLacking(allocation, packed));
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

} // namespace

BOOST_AUTO_TEST_SUITE(ScarceMemory)

BOOST_AUTO_TEST_CASE(a_sound_tarball_is_not_called_wrong_when_any_one_allocation_fails)
{
    const auto packed = gzip(tarEntry({"PKGBUILD", "pkgname=hello\n"}) + tarEntry({"src/hello.c", "int main;"}) +
                             tarEntry({.name = "link", .type = '2', .link = "src/hello.c"}) + tarEnd());
    long allocation = 1;
    for (int verdict; (verdict = verdictWithout(allocation, packed)) != kSound; ++allocation)
        BOOST_TEST(verdict != kCalledWrong, "without allocation " << allocation);
    BOOST_TEST(allocation > 1);
}

BOOST_AUTO_TEST_SUITE_END()
