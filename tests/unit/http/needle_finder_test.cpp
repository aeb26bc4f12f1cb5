// SPDX-License-Identifier: MIT
#include "http/needle_finder.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

using apbfarm::http::NeedleFinder;

namespace {

std::string randomText(std::mt19937& random, std::size_t size, char last)
{
    std::uniform_int_distribution<int> letter('a', last);
    std::string text(size, '\0');
    for (auto& c : text)
        c = static_cast<char>(letter(random));
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(NeedleFinders)

BOOST_AUTO_TEST_CASE(finds_the_same_as_the_standard_library)
{
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        const char last = i % 2 ? 'b' : 'd';
        const NeedleFinder finder(randomText(random, 2 + random() % 9, last));
        const auto bytes = randomText(random, random() % 300, last);
        BOOST_TEST_REQUIRE(finder.in(bytes) == bytes.find(finder.needle()));
    }
}

BOOST_AUTO_TEST_CASE(finds_a_needle_at_each_place_up_to_the_very_end)
{
    const NeedleFinder finder("\r\n--0123456789");
    for (std::size_t at = 0; at <= 100; ++at) {
        std::string bytes(at, '.');
        bytes += finder.needle();
        BOOST_TEST(finder.in(bytes) == at);
        bytes.pop_back();
        BOOST_TEST(finder.in(bytes) == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
