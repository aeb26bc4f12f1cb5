// SPDX-License-Identifier: MIT
#include "fleet/address_veil.h"

#include <boost/test/unit_test.hpp>

using apbfarm::fleet::withoutAddresses;

namespace {

const apbfarm::ServerId kServer = "http://builder7.example.com:8000";

std::string veiled(const std::string& text)
{
    return withoutAddresses(text, kServer);
}

} // namespace

BOOST_AUTO_TEST_SUITE(AddressVeil)

BOOST_AUTO_TEST_CASE(addresses_in_texts_of_servers_are_not_shown_Z4)
{
    BOOST_TEST(veiled("http://10.0.0.7:8000 cannot read it") == "[address] cannot read it");
    BOOST_TEST(veiled("connect to 10.0.0.7:8000: refused") == "connect to [address] refused");
    BOOST_TEST(veiled("at 192.168.1.20.") == "at [address]");
    BOOST_TEST(veiled("host=10.1.2.3") == "[address]");
    BOOST_TEST(veiled("from [fe80::1]:8000 and ::1") == "from [address] and [address]");
    BOOST_TEST(veiled("disk full on (builder7.example.com)") == "disk full on ([address])");
    BOOST_TEST(veiled("root@Builder7:/srv# rm") == "[address] rm");
    BOOST_TEST(veiled("'ssh://x' \"tcp://y\"") == "'[address]' \"[address]\"");
    BOOST_TEST(withoutAddresses("no room on farmhost today", "http://farmhost") == "no room on [address] today");
}

BOOST_AUTO_TEST_CASE(other_words_stay_as_they_are)
{
    for (const std::string text :
         {"HTTP 400: Invalid tarball: Could not extract tarball: not a gzip file", "2026-06-30", "a.b.c.d",
          "hello-1.2.3.4-1 and foo 1:2.0-1, at 12:34:56", "std::string Foo::Bar", "builder77 example.com",
          "PKGBUILD:12: error: 1.2.3 300.1.1.1", "", "  two  blanks  "})
        BOOST_TEST(veiled(text) == text);
    BOOST_TEST(withoutAddresses("the build failed", "http://build.example.com") == "the build failed");
    BOOST_TEST(withoutAddresses("a text", "not a url") == "a text");
}

BOOST_AUTO_TEST_SUITE_END()
