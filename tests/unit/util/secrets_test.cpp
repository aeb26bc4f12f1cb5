// SPDX-License-Identifier: MIT
#include "util/secrets.h"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace apbfarm::util;

BOOST_AUTO_TEST_SUITE(Secrets)

BOOST_AUTO_TEST_CASE(tokens_and_ids_never_repeat_and_every_bit_of_them_varies_C3)
{
    std::set<std::string> tokens, ids;
    std::string always(32, '\xff'), ever(32, '\0');
    for (int i = 0; i < 1000; ++i) {
        tokens.insert(randomToken());
        ids.insert(randomUuid());
        const auto bytes = randomBytes(32);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            always[at] = static_cast<char>(always[at] & bytes[at]);
            ever[at] = static_cast<char>(ever[at] | bytes[at]);
        }
    }
    BOOST_TEST(tokens.size() == 1000u);
    BOOST_TEST(tokens.begin()->size() == 43u);
    BOOST_TEST(ids.size() == 1000u);
    BOOST_TEST(isUuid(*ids.begin()));
    BOOST_TEST(always == std::string(32, '\0'));
    BOOST_TEST(ever == std::string(32, '\xff'));
}

BOOST_AUTO_TEST_CASE(secrets_are_the_same_when_every_byte_is_C3)
{
    BOOST_TEST(sameSecret("", ""));
    BOOST_TEST(sameSecret(std::string("a\0b", 3), std::string("a\0b", 3)));
    BOOST_TEST(!sameSecret(std::string("a\0b", 3), std::string("a\0c", 3)));
    BOOST_TEST(!sameSecret("secret", "secre"));
    BOOST_TEST(!sameSecret("", "x"));
}

BOOST_AUTO_TEST_SUITE_END()
