// SPDX-License-Identifier: MIT
#include "fleet/public_report.h"
#include "fleet/server_answers.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

constexpr auto kServer = "http://builder1.example.org:8000";

std::string reportOf(const std::string& document)
{
    return fleet::publicReport(fleet::readServerInfo(document, 1 << 20), kServer);
}

} // namespace

BOOST_AUTO_TEST_SUITE(PublicReport)

BOOST_AUTO_TEST_CASE(it_has_the_documented_members)
{
    BOOST_TEST(reportOf(R"({"status":"running","version":"2025-07-16","supported_architecture":"x86_64","system_info":)"
                        R"({"architecture":"x86_64","cpu":{"cores":8,"usage_percent":25.5},"memory":{"total":16777216,)"
                        R"("used":8388608,"percentage":50.0},"uptime":"2 days, 5 hours"},"queue_status":)"
                        R"({"current_builds_count":1,"queued_builds":2,"max_concurrent_builds":3,)"
                        R"("buildroot_recreation_count":4,"server_busy_with_buildroot":true}})") ==
               R"({"version":"2025-07-16","supported_architecture":"x86_64","system_info":{"architecture":"x86_64",)"
               R"("cpu":{"cores":8,"usage_percent":25.5},"memory":{"total":16777216,"used":8388608,"percentage":50},)"
               R"("uptime":"2 days, 5 hours"},"queue_status":{"current_builds_count":1,"queued_builds":2,)"
               R"("max_concurrent_builds":3,"buildroot_recreation_count":4,"server_busy_with_buildroot":true}})");
}

BOOST_AUTO_TEST_CASE(no_text_of_it_carries_the_address_Z4)
{
    const auto report = reportOf(R"({"status":"running","version":"at builder1.example.org","hostname":"builder1",)"
                                 R"("system_info":{"architecture":"http://builder1.example.org:8000","cpu":{"cores":)"
                                 R"("builder1.example.org","model":"builder1.example.org"},)"
                                 R"("uptime":"builder1.example.org up"}})");
    BOOST_TEST(report.find("builder1") == report.npos, report);
}

BOOST_AUTO_TEST_CASE(members_of_wrong_types_are_left_out)
{
    BOOST_TEST(reportOf(R"({"status":"running","system_info":{"cpu":[1],"memory":{"total":"much","used":null},"uptime":3}})") ==
               R"({"version":"","supported_architecture":"","system_info":{"memory":{}},"queue_status":)"
               R"({"current_builds_count":0,"queued_builds":0,"max_concurrent_builds":3,"buildroot_recreation_count":0,)"
               R"("server_busy_with_buildroot":false}})");
}

BOOST_AUTO_TEST_SUITE_END()
