// SPDX-License-Identifier: MIT
#include "system_info.h"

#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using server::memoryLimit;

namespace {

/// A made-up /proc and /sys.
struct Machine {
    void groups(const std::string& text) { write("proc/self/cgroup", text); }
    void write(const std::string& place, const std::string& text)
    {
        const auto file = root / place;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text << '\n';
    }
    std::optional<std::uint64_t> limit() const { return memoryLimit(root.path()); }

    test::TempDir root;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(MemoryLimit, Machine)

BOOST_AUTO_TEST_CASE(without_control_groups_or_limits_there_is_none)
{
    BOOST_TEST(!limit());
    groups("0::/system.slice/apb-server.service");
    BOOST_TEST(!limit());
    write("sys/fs/cgroup/system.slice/apb-server.service/memory.max", "max");
    write("sys/fs/cgroup/system.slice/memory.max", "max");
    BOOST_TEST(!limit());
}

BOOST_AUTO_TEST_CASE(the_least_on_the_way_to_the_root_counts)
{
    groups("0::/machine.slice/builder/apb-server.service");
    write("sys/fs/cgroup/machine.slice/builder/apb-server.service/memory.max", "8000000000");
    BOOST_TEST((limit() == 8000000000u));
    write("sys/fs/cgroup/machine.slice/memory.max", "4000000000");
    BOOST_TEST((limit() == 4000000000u));
    write("sys/fs/cgroup/machine.slice/builder/memory.max", "6000000000");
    BOOST_TEST((limit() == 4000000000u));
}

BOOST_AUTO_TEST_CASE(a_container_sees_its_own_group_as_the_root)
{
    groups("0::/");
    write("sys/fs/cgroup/memory.max", "2147483648");
    BOOST_TEST((limit() == 2147483648u));
    groups("0::/../neighbour");
    BOOST_TEST((limit() == 2147483648u));
}

BOOST_AUTO_TEST_CASE(groups_of_the_first_version_count_too)
{
    groups("12:cpu,cpuacct:/docker/1f\n9:memory:/docker/1f\n1:name=systemd:/docker/1f\n0::/docker/1f");
    write("sys/fs/cgroup/cpu,cpuacct/docker/1f/memory.limit_in_bytes", "1");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
    BOOST_TEST((limit() == 9223372036854771712u));
    // The names of the host mean nothing in a container that has its own group mounted at the root.
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824");
    BOOST_TEST((limit() == 1073741824u));
    write("sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes", "536870912");
    BOOST_TEST((limit() == 536870912u));
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_no_number_is_none)
{
    groups("0::/a\nnonsense\n");
    write("sys/fs/cgroup/a/memory.max", "many");
    BOOST_TEST(!limit());
}

BOOST_AUTO_TEST_CASE(what_is_usable_is_not_more_than_the_machine_has)
{
    BOOST_TEST(server::usableMemory() > 0u);
    BOOST_TEST(server::usableMemory() <= server::memoryUse().total);
}

BOOST_AUTO_TEST_SUITE_END()
