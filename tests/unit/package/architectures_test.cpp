// SPDX-License-Identifier: MIT
#include "package/architectures.h"

#include "util/text.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::package;

namespace {

std::string parsed(std::string_view text)
{
    return util::join(parseArchitectures(text), " ");
}

std::string targets(std::vector<std::string> ofPackage, std::vector<std::string> requested)
{
    PackageInfo info;
    info.architectures = std::move(ofPackage);
    return util::join(targetArchitectures(info, requested), " ");
}

} // namespace

BOOST_AUTO_TEST_SUITE(Architectures)

BOOST_AUTO_TEST_CASE(parses_a_comma_separated_list)
{
    BOOST_TEST(parsed("x86_64,aarch64") == "x86_64 aarch64");
    BOOST_TEST(parsed(" x86_64 , aarch64 ,") == "x86_64 aarch64");
    BOOST_TEST(parsed("any") == "any");
    BOOST_TEST(parsed("b,a,b") == "b a");
    BOOST_TEST(parsed("") == "");
    BOOST_TEST(parsed(" , ") == "");
}

BOOST_AUTO_TEST_CASE(refuses_words_outside_the_rules_K4)
{
    std::string many;
    for (int i = 0; i < 33; ++i)
        many += "a" + std::to_string(i) + ",";
    for (const auto& text : {std::string("x86-64"), std::string("X86_64"), std::string("a b"), std::string("<b>"),
                             std::string("a\nb"), std::string(33, 'a'), many, std::string(5000, ',')})
        BOOST_CHECK_EXCEPTION(parseArchitectures(text), InvalidInput,
                              [](const auto& error) { return error.fields().at(0).field == "architectures"; });
    BOOST_TEST(parsed(std::string(32, 'a')) == std::string(32, 'a'));
}

BOOST_AUTO_TEST_CASE(a_request_is_narrowed_to_what_the_package_has_in_its_order)
{
    BOOST_TEST(targets({"x86_64", "aarch64", "riscv64"}, {"riscv64", "mips", "x86_64"}) == "x86_64 riscv64");
    BOOST_TEST(targets({"x86_64"}, {"mips"}) == "");
}

BOOST_AUTO_TEST_CASE(without_a_request_all_are_wanted_once)
{
    BOOST_TEST(targets({"x86_64", "aarch64", "x86_64"}, {}) == "x86_64 aarch64");
}

BOOST_AUTO_TEST_CASE(any_is_always_kept)
{
    BOOST_TEST(targets({"any"}, {"any"}) == "any");
    BOOST_TEST(targets({"x86_64"}, {"any", "x86_64"}) == "x86_64 any");
    BOOST_TEST(targets({"any"}, {"x86_64"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
