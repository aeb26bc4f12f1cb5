// SPDX-License-Identifier: MIT
#include "util/closest_word.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

BOOST_AUTO_TEST_SUITE(ClosestWord)

BOOST_AUTO_TEST_CASE(the_closest_word_is_suggested_and_nothing_far_off)
{
    const std::vector<std::string> words{"http.port", "http.host", "log.level"};
    BOOST_TEST(util::closestTo("http.prot", words) == "http.port");
    BOOST_TEST(util::closestTo("HTTP.HOST", words) == "http.host");
    BOOST_TEST(util::closestTo("nothing.like.it", words).empty());
}

BOOST_AUTO_TEST_SUITE_END()
