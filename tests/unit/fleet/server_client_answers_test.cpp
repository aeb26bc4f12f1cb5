// SPDX-License-Identifier: MIT
#include "fleet/json_fields.h"
#include "fleet/server_answers.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::fleet;

namespace {

constexpr std::uint64_t kMax = 1 << 20;
const BuildId kBuild = "bdf6a18a-6ae5-4cfa-bff8-dfe49883e816";

RemoteBuild record(const std::string& members)
{
    return readRemoteBuild(R"({"build_id":")" + kBuild + R"(")" + (members.empty() ? "" : "," + members) + "}", kMax, kBuild);
}

std::vector<ListedBuild> listed(const std::string& entries)
{
    return readLatestBuilds(R"({"builds":[)" + entries + "]}", kMax);
}

} // namespace

BOOST_AUTO_TEST_SUITE(ServerClientAnswers)

BOOST_AUTO_TEST_CASE(a_reduced_description_has_the_defaults_of_existing_farms)
{
    const auto info = readServerInfo(R"({"status":"running"})", kMax);
    BOOST_TEST(info.architecture.empty());
    BOOST_TEST(info.slots == 3);
    BOOST_TEST(info.building == 0);
    BOOST_TEST(info.queued == 0);
    BOOST_TEST(!info.recreatingBuildroot);
    BOOST_TEST(info.loadPerCore == 0);
}

BOOST_AUTO_TEST_CASE(members_of_wrong_types_count_as_absent)
{
    const auto info = readServerInfo(R"({"status":1,"version":[],"supported_architecture":{"a":1},"system_info":"x",
        "queue_status":{"current_builds_count":"3","queued_builds":true,"max_concurrent_builds":null,
        "server_busy_with_buildroot":1,"buildroot_recreation_count":1.5}})", kMax);
    BOOST_TEST(info.version.empty());
    BOOST_TEST(info.architecture.empty());
    BOOST_TEST(info.building == 0);
    BOOST_TEST(info.queued == 0);
    BOOST_TEST(info.slots == 3);
    BOOST_TEST(!info.recreatingBuildroot);
    BOOST_TEST(info.buildrootRecreations == 0);
    const auto build = record(R"("status":7,"start_time":{},"end_time":true,"duration":"long","exit_code":"0","packages":{},"logs":5)");
    BOOST_TEST(!build.status.has_value());
    BOOST_TEST(!build.startTime.has_value());
    BOOST_TEST(!build.endTime.has_value());
    BOOST_TEST(!build.duration.has_value());
    BOOST_TEST(!build.exitCode.has_value());
    BOOST_TEST(build.packages.empty());
    BOOST_TEST(build.logs.empty());
}

BOOST_AUTO_TEST_CASE(absurd_numbers_do_no_harm)
{
    const auto count = [](const std::string& number) {
        try {
            return readServerInfo(R"({"status":"x","queue_status":{"current_builds_count":)" + number + "}}", kMax).building;
        } catch (const InvalidInput&) {
            return -1; // no JSON
        }
    };
    for (const std::string number : {"-1", "1e400", "-0.5", "1e3000"})
        BOOST_TEST(count(number) <= 0, number);
    const auto longest = "1" + std::string(400, '0');
    for (const std::string number : {"2147483648", "9223372036854775807", "18446744073709551616", longest.c_str()})
        BOOST_TEST(count(number) <= 100'000, number);
    BOOST_TEST(count("12") == 12);
    BOOST_TEST(count("12.0") == 12);
    const auto build = record(R"("status":"completed","start_time":-1,"end_time":1e15,"duration":-5,"exit_code":99999999999)");
    BOOST_TEST(!build.startTime.has_value());
    BOOST_TEST(!build.endTime.has_value());
    BOOST_TEST(!build.duration.has_value());
    BOOST_TEST(!build.exitCode.has_value());
}

BOOST_AUTO_TEST_CASE(load_is_per_core)
{
    const auto load = [](const std::string& cpu) {
        return readServerInfo(R"({"status":"x","system_info":{"cpu":)" + cpu + "}}", kMax).loadPerCore;
    };
    BOOST_TEST(load(R"({"cores":4,"load_average":[6.0,1,1]})") == 1.5);
    BOOST_TEST(load(R"({"cores":0,"load_average":[6.0,1,1]})") == 0);
    BOOST_TEST(load(R"({"cores":4,"load_average":[]})") == 0);
    BOOST_TEST(load(R"({"cores":4,"load_average":["6"]})") == 0);
}

BOOST_AUTO_TEST_CASE(an_architecture_is_a_plain_word)
{
    const auto architecture = [](const std::string& text) {
        return readServerInfo(R"({"supported_architecture":")" + text + "\"}", kMax).architecture;
    };
    BOOST_TEST(architecture("armv7h") == "armv7h");
    BOOST_TEST(architecture("<script>").empty());
    BOOST_TEST(architecture(std::string(65, 'x')).empty());
}

BOOST_AUTO_TEST_CASE(L10_unknown_status_words_are_no_status)
{
    BOOST_TEST((record(R"("status":"completed")").status == BuildStatus::Completed));
    for (const std::string word : {"Completed", "done", "", "queued "})
        BOOST_TEST(!record(R"("status":")" + word + "\"").status.has_value(), word);
}

BOOST_AUTO_TEST_CASE(the_record_of_another_build_is_refused)
{
    const std::string other = R"({"build_id":"00000000-0000-4000-8000-000000000000","status":"completed"})";
    BOOST_CHECK_THROW(readRemoteBuild(other, kMax, kBuild), InvalidInput);
    BOOST_CHECK_THROW(readRemoteBuild(R"({"build_id":7,"status":"completed"})", kMax, kBuild), InvalidInput);
    BOOST_CHECK_THROW(readRemoteBuild(R"({"hello":"world"})", kMax, kBuild), InvalidInput);
    BOOST_CHECK_NO_THROW(readRemoteBuild(R"({"status":"queued"})", kMax, kBuild));
}

BOOST_AUTO_TEST_CASE(V4_file_names_that_are_no_artifact_names_are_dropped)
{
    const auto build = record(R"("packages":[{"filename":"a-1:2+3~4@5_6-1-any.pkg.tar.zst","size":5},
        {"filename":"../../etc/passwd"},{"filename":"a/b"},{"filename":"a\\b"},{"filename":".."},{"filename":".hidden"},
        {"filename":"-rf"},{"filename":"a b"},{"filename":"a\u0000b"},{"filename":"\u202egnp"},{"filename":""},{"filename":7},
        {"size":1},"x",null,{"filename":"a-1:2+3~4@5_6-1-any.pkg.tar.zst","size":6},
        {"filename":"neg","size":-4},{"filename":"huge","size":1e300},{"filename":"text","size":"5"}])");
    BOOST_REQUIRE(build.packages.size() == 4);
    BOOST_TEST(build.packages[0].filename == "a-1:2+3~4@5_6-1-any.pkg.tar.zst");
    BOOST_TEST(build.packages[0].size == 5);
    for (int i = 1; i < 4; ++i)
        BOOST_TEST(build.packages[static_cast<std::size_t>(i)].size == -1);
    BOOST_TEST(isArtifactName(std::string(255, 'a')));
    BOOST_TEST(!isArtifactName(std::string(256, 'a')));
}

BOOST_AUTO_TEST_CASE(V2_a_list_of_very_many_files_is_cut)
{
    std::string many;
    for (int i = 0; i < 5000; ++i)
        many += (i ? ",{\"filename\":\"f" : "{\"filename\":\"f") + std::to_string(i) + "\"}";
    BOOST_TEST(record(R"("packages":[)" + many + "]").packages.size() == 1000);
}

BOOST_AUTO_TEST_CASE(times_are_understood_as_numbers_and_as_iso_text)
{
    BOOST_TEST(*parseIsoTime("1970-01-01T00:00:00Z") == 0);
    BOOST_TEST(*parseIsoTime("2026-11-21T20:44:01.590746+00:00") == 1795293841.590746, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(*parseIsoTime("2026-11-21T20:44:01+00:00") == 1795293841);
    BOOST_TEST(*parseIsoTime("2026-11-21T22:44:01+02:00") == 1795293841);
    BOOST_TEST(*parseIsoTime("2026-11-21 20:44:01") == 1795293841);
    for (const std::string bad : {"", "now", "2026-11-21", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
                                  "2026-11-21T25:00:00Z", "2026-11-21T20:44:01+0000x", "1000000-01-01T00:00:00Z",
                                  "-026-11-21T20:44:01Z", "2026-11-21T20:44:01.Z", "2026/11/21T20:44:01Z"})
        BOOST_TEST(!parseIsoTime(bad).has_value(), bad);
    BOOST_TEST(*record(R"("start_time":1795293841.5)").startTime == 1795293841.5);
    BOOST_TEST(*record(R"("start_time":"2026-11-21T20:44:01.5Z")").startTime == 1795293841.5);
}

BOOST_AUTO_TEST_CASE(a_page_keeps_the_place_of_every_line)
{
    const auto page = readOutputPage(R"({"output":["a\nb",7,null,"\u001b[31mred"],"total_lines":"x"})", kMax, 5, 100);
    BOOST_REQUIRE(page.lines.size() == 4);
    BOOST_TEST(page.lines[0] == "a b");
    BOOST_TEST(page.lines[1].empty());
    BOOST_TEST(page.lines[3] == "\x1b[31mred");
    BOOST_TEST(page.start == 5u);
    BOOST_TEST(page.total == 9u);
    BOOST_CHECK_THROW(readOutputPage("{}", kMax, 0, 1), InvalidInput);
}

BOOST_AUTO_TEST_CASE(V2_lines_and_pages_are_cut)
{
    const auto page = readOutputPage(R"({"output":[")" + std::string(100000, 'x') + R"(","b","c"],"start_index":2})", kMax, 0, 2);
    BOOST_REQUIRE(page.lines.size() == 2);
    BOOST_TEST(page.lines[0].size() == 64u * 1024);
    BOOST_TEST(page.start == 2u);
}

BOOST_AUTO_TEST_CASE(V2_a_listing_has_at_most_200_builds_with_proper_ids)
{
    std::string many;
    for (int i = 0; i < 300; ++i)
        many += R"({"build_id":")" + util::randomUuid() + "\"},";
    BOOST_TEST(listed(many + "{}").size() == 200);
    const auto builds = listed(R"({"build_id":"bt-9"},{"build_id":"../x"},7,{"id":")" + kBuild + R"(","pkgname":"a\u001b"},
        {"build_id":")" + kBuild + R"("},{"pkgname":"no id"})");
    BOOST_REQUIRE(builds.size() == 1);
    BOOST_TEST(builds[0].id == kBuild);
    BOOST_TEST(builds[0].pkgname == "a\\x1b");
    BOOST_CHECK_THROW(readLatestBuilds(R"({"builds":{}})", kMax), InvalidInput);
}

BOOST_AUTO_TEST_CASE(only_a_literal_true_is_a_successful_cancel)
{
    BOOST_TEST(readCancelAccepted(R"({"success":true,"message":"ok"})", kMax).success);
    for (const std::string value : {"false", "1", "\"true\"", "null"})
        BOOST_TEST(!readCancelAccepted(R"({"success":)" + value + "}", kMax).success, value);
}

BOOST_AUTO_TEST_SUITE_END()
