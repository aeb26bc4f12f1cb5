// SPDX-License-Identifier: MIT
#include "inspected_tarball.h"

#include <boost/test/unit_test.hpp>

#include <clocale>

using namespace apbfarm;
using namespace apbfarm::package;
using namespace apbfarm::test;

BOOST_AUTO_TEST_SUITE(SourceTarballNames)

BOOST_AUTO_TEST_CASE(names_stay_inside_and_are_clean_X5)
{
    for (const std::string name : {"/etc/passwd", "../x", "a/../../b", "a/../b", "..", "a\\b", "a\nb", "a\x1b[1m",
                                   "a\x7f", "\xff", "\xc0\xaf", "\xed\xa0\x80"})
        BOOST_TEST(refusalOf(tarEntry({name, "x"})) != "accepted", name);
    BOOST_TEST(refusalOf(tarEntry({"na\xc3\xafve", "x"})) == "accepted");
    BOOST_TEST(refusalOf(tarEntry({"a b", "x"})) == "accepted");
    BOOST_TEST(refusalOf(tarEntry({"...", "x"})) == "accepted");
}

BOOST_AUTO_TEST_CASE(pax_and_gnu_names_are_checked_as_well_X5)
{
    const auto pax = [](const std::string& name) {
        return tarEntry({"PaxHeader", paxRecord("path", name), 'x'}) + tarEntry({"short", "x"});
    };
    const auto gnu = [](const std::string& name) {
        return tarEntry({"././@LongLink", name + '\0', 'L'}) + tarEntry({"short", "x"});
    };
    const std::string longName = std::string(200, 'a') + "/" + std::string(200, 'b');
    for (const auto& make :
         {std::function<std::string(const std::string&)>(pax), std::function<std::string(const std::string&)>(gnu)}) {
        BOOST_TEST(refusalOf(make(longName)) == "accepted");
        BOOST_TEST(refusalOf(make("na\xc3\xafve")) == "accepted");
        for (const std::string name : {"../x", "/x", "a\nb", "\xff\xfe"})
            BOOST_TEST(refusalOf(make(name)) != "accepted", name);
        BOOST_TEST(refusalOf(make(std::string(256, 'a'))) != "accepted");
        std::string deep, long5000;
        for (int i = 0; i < 33; ++i)
            deep += "a/";
        for (int i = 0; i < 25; ++i)
            long5000 += std::string(200, 'b') + "/";
        BOOST_TEST(refusalOf(make(deep)) != "accepted");
        BOOST_TEST(refusalOf(make(deep.substr(0, 63))) == "accepted");
        BOOST_TEST(refusalOf(make(long5000)) != "accepted");
    }
    BOOST_TEST(refusalOf(pax(std::string("hidden\0PKGBUILD", 15))) != "accepted");
}

BOOST_AUTO_TEST_CASE(names_do_not_depend_on_the_locale_X5)
{
    const std::string before = std::setlocale(LC_ALL, nullptr);
    for (const char* locale : {"C", "C.UTF-8"}) {
        if (!std::setlocale(LC_ALL, locale))
            continue;
        const std::string name = "na\xc3\xafve/\xe6\x97\xa5";
        BOOST_TEST(refusalOf(tarEntry({name, "x"})) == "accepted", locale);
        BOOST_TEST(refusalOf(tarEntry({"P", paxRecord("path", name), 'x'}) + tarEntry({"a", "x"})) == "accepted",
                   locale);
        BOOST_TEST(refusalOf(tarEntry({name, "x"}) + tarEntry({"l", "", '1', name})) == "accepted", locale);
        BOOST_TEST(refusalOf(tarEntry({"l", "", '2', name})) == "accepted", locale);
        BOOST_TEST(refusalOf(tarEntry({"P", paxRecord("path", "a\xff"), 'x'}) + tarEntry({"a", "x"})) != "accepted",
                   locale);
        BOOST_TEST(refusalOf(tarEntry({"P", paxRecord("linkpath", "/" + name), 'x'}) + tarEntry({"a", "", '2', "b"}))
                       != "accepted",
                   locale);
    }
    std::setlocale(LC_ALL, before.c_str());
}

BOOST_AUTO_TEST_CASE(names_do_not_collide_X5)
{
    BOOST_TEST(refusedFor(tarEntry({"a", "x"}) + tarEntry({"./a", "y"}), "twice"));
    BOOST_TEST(refusedFor(tarEntry({"a/b", "x"}) + tarEntry({"a//b", "y"}), "twice"));
    BOOST_TEST(refusedFor(tarEntry({"a/b", "x"}) + tarEntry({"a", "y"}), "twice"));
    BOOST_TEST(refusedFor(tarEntry({"a", "x"}) + tarEntry({"a/b", "y"}), "not a folder"));
    BOOST_TEST(refusalOf(tarEntry({"a", "", '5'}) + tarEntry({"a/", "", '5'}) + tarEntry({"a/b", "x"})) == "accepted");
    BOOST_TEST(refusalOf(tarEntry({"a", "x"}) + tarEntry({"A", "y"})) == "accepted");
}

BOOST_AUTO_TEST_CASE(symbolic_links_stay_inside_X5)
{
    const auto link = [](const std::string& name, const std::string& target) {
        return tarEntry({name, "", '2', target});
    };
    for (const std::string target : {"/etc", "..", "../x", "a/../..", "x/..", "./../y", "a\nb"})
        BOOST_TEST(refusalOf(link("l", target)) != "accepted", target);
    BOOST_TEST(refusalOf(link("d/l", "../../x")) != "accepted");
    BOOST_TEST(refusalOf(link("d/l", "../x")) == "accepted");
    BOOST_TEST(refusalOf(link("l", "a/b")) == "accepted");
    BOOST_TEST(refusalOf(link("l", "l")) == "accepted");
    // What leads back through another link could start anywhere.
    BOOST_TEST(refusalOf(link("d/here", ".") + link("d/l", "here/../../x")) != "accepted");
    BOOST_TEST(refusedFor(link("l", "d") + tarEntry({"l/file", "x"}), "not a folder"));
}

BOOST_AUTO_TEST_CASE(hard_links_lead_to_earlier_files_only_X5)
{
    const auto link = [](const std::string& name, const std::string& target) {
        return tarEntry({name, "", '1', target});
    };
    const auto file = tarEntry({"f", "x"});
    BOOST_TEST(refusalOf(file + link("l", "f")) == "accepted");
    BOOST_TEST(refusalOf(file + link("l", "./f")) == "accepted");
    BOOST_TEST(refusalOf(link("l", "f") + file) != "accepted");
    BOOST_TEST(refusalOf(link("l", "l")) != "accepted");
    BOOST_TEST(refusalOf(link("l", "/etc/passwd")) != "accepted");
    BOOST_TEST(refusalOf(link("l", "../f")) != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"d", "", '5'}) + link("l", "d")) != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"s", "", '2', "f"}) + link("l", "s")) != "accepted");
}

BOOST_AUTO_TEST_CASE(devices_and_unknown_kinds_are_refused_X5)
{
    for (const char kind : {'3', '4', '6', '7', 'A', 'D', 'M', 'N', 'V', 'X', 'Z', '8', '\xff'})
        BOOST_TEST(refusalOf(tarEntry({"thing", "", kind})) != "accepted", kind);
    BOOST_TEST(refusalOf(tarEntry({"thing", "x", '\0'})) == "accepted");
}

BOOST_AUTO_TEST_SUITE_END()
