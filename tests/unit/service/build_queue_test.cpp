// SPDX-License-Identifier: MIT
#include "service/build_queue.h"
#include "support/short_memory.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

Build build(std::int64_t sequence, const std::string& architecture = "x86_64", bool any = false)
{
    Build build;
    build.id = "build-" + std::to_string(sequence);
    build.sequence = sequence;
    build.architecture = architecture;
    build.anyArchitecture = any;
    return build;
}

} // namespace

BOOST_AUTO_TEST_SUITE(BuildQueue)

BOOST_AUTO_TEST_CASE(builds_stand_in_order_of_acceptance_across_architectures)
{
    service::BuildQueue queue;
    for (const auto& [sequence, architecture] : {std::pair{3, "x86_64"}, {1, "aarch64"}, {2, "x86_64"}})
        queue.add(build(sequence, architecture));
    const auto list = queue.list(0, 10);
    BOOST_REQUIRE(list.size() == 3u);
    BOOST_TEST(list[0].id == "build-1");
    BOOST_TEST(list[2].id == "build-3");
    BOOST_TEST(queue.placeOf("build-3")->position == 3u);
    BOOST_TEST(queue.placeOf("build-3")->size == 3u);
}

BOOST_AUTO_TEST_CASE(a_build_that_comes_back_takes_its_old_place)
{
    service::BuildQueue queue;
    for (const int sequence : {1, 2, 3})
        queue.add(build(sequence));
    queue.remove("build-2");
    BOOST_TEST(queue.placeOf("build-3")->position == 2u);
    queue.add(build(2));
    BOOST_TEST(queue.placeOf("build-2")->position == 2u);
    BOOST_TEST(queue.placeOf("build-3")->position == 3u);
}

BOOST_AUTO_TEST_CASE(a_build_that_found_no_memory_is_not_in_it_in_part_L6)
{
    const auto first = build(1, "aarch64"), wanted = build(2);
    for (long at = 1;; ++at) {
        service::BuildQueue queue;
        queue.add(first);
        const bool lacked = test::lacking(at, [&] { queue.add(wanted); });
        BOOST_TEST(queue.size() == (lacked ? 1u : 2u), "allocation " << at);
        BOOST_TEST(queue.placeOf(wanted.id).has_value() == !lacked, "allocation " << at);
        queue.add(wanted);
        BOOST_TEST(queue.placeOf(wanted.id)->position == 2u);
        BOOST_TEST(queue.nextOf("x86_64", 0)->id == wanted.id);
        queue.remove(wanted.id);
        BOOST_TEST(queue.list(0, 10).size() == 1u);
        BOOST_TEST(!queue.nextOf("x86_64", 0));
        if (!lacked)
            break;
    }
}

BOOST_AUTO_TEST_CASE(removing_a_build_needs_no_memory)
{
    service::BuildQueue queue;
    const auto waiting = build(2, "an architecture with a long name");
    queue.add(build(1));
    queue.add(waiting);
    BOOST_TEST(!test::lacking(1, [&] { queue.remove(waiting.id); }));
    BOOST_TEST(queue.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lane_is_walked_without_the_other_architectures)
{
    service::BuildQueue queue;
    queue.add(build(1));
    queue.add(build(2, "aarch64"));
    queue.add(build(3));
    BOOST_TEST(queue.nextOf("x86_64", 0)->id == "build-1");
    BOOST_TEST(queue.nextOf("x86_64", 1)->id == "build-3");
    BOOST_TEST(!queue.nextOf("x86_64", 3));
    BOOST_TEST(!queue.nextOf("riscv64", 0));
}

BOOST_AUTO_TEST_CASE(packages_for_any_architecture_have_a_lane_of_their_own)
{
    service::BuildQueue queue;
    queue.add(build(1, "x86_64", true));
    BOOST_TEST(!queue.nextOf("x86_64", 0));
    BOOST_TEST(queue.nextOf("any", 0)->id == "build-1");
}

BOOST_AUTO_TEST_CASE(adding_twice_and_removing_twice_change_nothing)
{
    service::BuildQueue queue;
    queue.add(build(1));
    queue.add(build(1));
    BOOST_TEST(queue.size() == 1u);
    queue.remove("build-1");
    queue.remove("build-1");
    BOOST_TEST(queue.size() == 0u);
    BOOST_TEST(queue.lanes().empty());
    BOOST_TEST(!queue.placeOf("build-1"));
}

BOOST_AUTO_TEST_CASE(the_reason_of_a_build_goes_before_the_reason_of_its_lane)
{
    service::BuildQueue queue;
    queue.add(build(1));
    queue.add(build(2));
    queue.setLaneReason("x86_64", "all full");
    queue.setReason("build-1", "too large");
    BOOST_TEST(queue.reasonFor("build-1") == "too large");
    BOOST_TEST(queue.reasonFor("build-2") == "all full");
    queue.setLaneReason("x86_64", "no server answers");
    BOOST_TEST(queue.reasonFor("build-1") == "no server answers");
}

BOOST_AUTO_TEST_SUITE_END()
