// SPDX-License-Identifier: MIT
#include "storage/text_list.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm::storage;

BOOST_AUTO_TEST_SUITE(TextList)

BOOST_AUTO_TEST_CASE(any_list_comes_back)
{
    using List = std::vector<std::string>;
    for (const List& list : {List{}, List{""}, List{"a", "b"}, List{"a,b", "[]", "]"}, List{"quo\"te", "back\\slash"},
                             List{"line\nend", "\x01"}, List{"\xC3\xA4\xE2\x82\xAC", ""}})
        BOOST_TEST(decodeList(encodeList(list)) == list, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_empty_list_takes_no_room)
{
    BOOST_TEST(encodeList({}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_a_list_is_an_empty_one)
{
    for (const auto* text : {"", "[]", "null", "{\"a\":1}", "[\"open", "nonsense", "[[\\"})
        BOOST_CHECK_MESSAGE(decodeList(text).empty(), text);
}

BOOST_AUTO_TEST_SUITE_END()
