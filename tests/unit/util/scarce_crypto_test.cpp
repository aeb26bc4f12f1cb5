// SPDX-License-Identifier: MIT
#include "support/short_memory.h"
#include "util/secret_box.h"
#include "util/secrets.h"
#include "util/sha256_list.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace apbfarm;
using apbfarm::test::Lacking;

namespace {

struct Started {
    Started() { util::startCrypto(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ScarceCrypto, Started)

BOOST_AUTO_TEST_CASE(a_digest_without_memory_is_an_error_and_no_end_of_the_farm)
{
    bool lacked = false;
    for (long allocation = 1; allocation == 1 || lacked; ++allocation)
        lacked = test::lacking(allocation, [] { util::sha256Hex("bytes"); }, 1, Lacking::Everything);
    BOOST_TEST(util::sha256Hex("").starts_with("e3b0c442"));
}

BOOST_AUTO_TEST_CASE(a_large_digest_is_right_or_an_error_where_memory_lacks)
{
    const std::string bytes(3 << 20, 'x');
    const auto right = util::sha256ListHex(bytes);
    std::set<std::string> made;
    bool lacked = false;
    for (long allocation = 1; allocation == 1 || lacked; ++allocation)
        lacked = test::lacking(allocation, [&] { made.insert(util::sha256ListHex(bytes)); }, 1, Lacking::Everything);
    BOOST_TEST(made == std::set<std::string>{right}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_secret_is_not_called_damaged_for_want_of_memory)
{
    util::AesSecretBox box(std::string(32, 'k'));
    const auto sealed = box.seal("secret", "place");
    std::string opened, blamed;
    const auto open = [&] {
        try {
            opened = box.open(sealed, "place");
        } catch (const InvalidInput& error) {
            blamed = error.what();
        }
    };
    bool lacked = false;
    for (long allocation = 1; allocation == 1 || lacked; ++allocation)
        lacked = test::lacking(allocation, open, 1, Lacking::Everything);
    BOOST_TEST(opened == "secret");
    BOOST_TEST(blamed == "");
}

BOOST_AUTO_TEST_SUITE_END()
