// SPDX-License-Identifier: MIT
#include "util/ip_address.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

BOOST_AUTO_TEST_SUITE(IpAddress)

BOOST_AUTO_TEST_CASE(loopback_is_recognised_in_every_spelling_and_nothing_else_is)
{
    for (const auto* address : {"127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
        BOOST_TEST(util::isLoopback(address), address);
    for (const auto* address : {"", "128.0.0.1", "::2", "::", "::ffff:10.0.0.1", "localhost", "127.0.0.1.example.com",
                                "0.0.0.0"})
        BOOST_TEST(!util::isLoopback(address), address);
}

BOOST_AUTO_TEST_SUITE_END()
