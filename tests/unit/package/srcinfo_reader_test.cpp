// SPDX-License-Identifier: MIT
#include "package/srcinfo_reader.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::package;

namespace {

const std::string kSrcinfo =
    "# Generated\n\npkgbase = hello\n\tpkgdesc = a = b\n\tpkgver = 1.2\n\tpkgrel = 3\n\tepoch = 2\n"
    "\tarch = x86_64\n\tarch = aarch64\n\npkgname = hello\n\npkgname = hello-docs\n\tarch = any\n\tpkgver = 9\n";
const std::string kPkgbuild =
    "pkgbase=hello\npkgname=(hello hello-docs)\npkgver=1.2\npkgrel=3\nepoch=2\narch=(x86_64 aarch64)\n";

std::string replaced(std::string text, const std::string& what, const std::string& with)
{
    const auto at = text.find(what);
    BOOST_REQUIRE(at != text.npos);
    return text.replace(at, what.size(), with);
}

std::string refusal(std::string_view text)
{
    try {
        readSrcinfo(text);
    } catch (const InvalidInput& error) {
        BOOST_TEST(error.code() == "invalid_srcinfo");
        return error.fields().empty() ? "no field" : error.fields().front().field;
    }
    return "accepted";
}

} // namespace

BOOST_AUTO_TEST_SUITE(SrcinfoReader)

BOOST_AUTO_TEST_CASE(reads_what_is_about_all_packages)
{
    const auto info = readSrcinfo(kSrcinfo);
    BOOST_TEST(info.pkgname == "hello");
    BOOST_TEST(info.epoch == "2");
    BOOST_TEST(info.pkgver == "1.2");
    BOOST_TEST(info.pkgrel == "3");
    BOOST_TEST(info.pkgnames == (std::vector<std::string>{"hello", "hello-docs"}), boost::test_tools::per_element());
    BOOST_TEST(info.architectures == (std::vector<std::string>{"x86_64", "aarch64"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tolerates_blanks_line_ends_and_a_byte_order_mark)
{
    BOOST_TEST(
        readSrcinfo("\xef\xbb\xbfpkgbase=a\r\n  pkgver   =  1\r\npkgrel\t=\t1\r\narch = any\r\npkgname = a").pkgname
        == "a");
}

BOOST_AUTO_TEST_CASE(refuses_incomplete_and_wrong_files_K4)
{
    BOOST_TEST(refusal("") == "pkgbase");
    BOOST_TEST(refusal(replaced(kSrcinfo, "pkgver = 1.2", "")) == "pkgver");
    BOOST_TEST(refusal(replaced(kSrcinfo, "pkgrel = 3", "")) == "pkgrel");
    BOOST_TEST(refusal("pkgbase = a\npkgver = 1\npkgrel = 1\narch = any\n") == "pkgname");
    BOOST_TEST(refusal("pkgbase = a\npkgver = 1\npkgrel = 1\npkgname = a\n") == "arch");
    BOOST_TEST(refusal(replaced(kSrcinfo, "pkgbase = hello", "pkgbase = ../x")) == "pkgbase");
    BOOST_TEST(refusal(replaced(kSrcinfo, "pkgver = 1.2", "pkgver = 1-2")) == "pkgver");
    BOOST_TEST(refusal(replaced(kSrcinfo, "epoch = 2", "epoch = two")) == "epoch");
    BOOST_TEST(refusal(replaced(kSrcinfo, "pkgver = 1.2", "pkgver = 1\npkgver = 2")) == "pkgver");
    BOOST_TEST(refusal("pkgbase hello\n") == "line");
    BOOST_TEST(refusal(std::string("pkgbase = a\0", 12)) == "no field");
    BOOST_CHECK_THROW(readSrcinfo(std::string((1 << 20) + 1, '#')), TooLarge);
}

BOOST_AUTO_TEST_CASE(agreeing_files_give_no_warning_K2)
{
    BOOST_TEST(readPackage(kPkgbuild, kSrcinfo).warnings.empty());
    BOOST_TEST(readPackage(kPkgbuild, std::nullopt).pkgname == "hello");
}

BOOST_AUTO_TEST_CASE(a_valid_srcinfo_is_preferred_and_disagreement_is_told_K2)
{
    const auto info =
        readPackage(replaced(replaced(kPkgbuild, "pkgver=1.2", "pkgver=1.3"), "aarch64", "riscv64"), kSrcinfo);
    BOOST_TEST(info.pkgver == "1.2");
    BOOST_REQUIRE_EQUAL(info.warnings.size(), 2u);
    BOOST_TEST(info.warnings[0].find("1.3") != std::string::npos);
    BOOST_TEST(info.warnings[1].find("riscv64") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_srcinfo_tells_what_only_running_the_pkgbuild_would_K2)
{
    const auto info = readPackage(replaced(kPkgbuild, "pkgname=(hello hello-docs)", "pkgname=($(names))"), kSrcinfo);
    BOOST_TEST(info.pkgnames.size() == 2u);
    BOOST_TEST(info.warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_srcinfo_does_not_excuse_a_wrong_pkgbuild_K4)
{
    BOOST_CHECK_THROW(readPackage(replaced(kPkgbuild, "pkgname=(hello hello-docs)", "pkgname=('<script>')"), kSrcinfo),
                      InvalidInput);
}

BOOST_AUTO_TEST_CASE(an_invalid_srcinfo_is_left_out_with_a_warning_K2)
{
    const auto info = readPackage(kPkgbuild, "nonsense");
    BOOST_TEST(info.pkgver == "1.2");
    BOOST_REQUIRE_EQUAL(info.warnings.size(), 1u);
    BOOST_TEST(info.warnings[0].find(".SRCINFO") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
