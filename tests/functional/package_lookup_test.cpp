// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "real_server.h"

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

struct LookupFarm {
    LookupFarm() { farm.start(); }

    /// Finished there; the ids come by architecture.
    std::map<std::string, std::string> built(const std::string& name, BuildStatus status,
                                             const std::string& architectures = "'x86_64' 'aarch64'")
    {
        for (auto* server : {&intel, &arm})
            server->finishAtOnce(status);
        const auto builds = json(submit(farm.admin(), name, architectures))->getArray("builds");
        std::map<std::string, std::string> ids;
        for (unsigned i = 0; i < builds->size(); ++i) {
            const auto build = builds->getObject(i);
            const auto id = build->getValue<std::string>("build_id");
            ids[build->getValue<std::string>("arch")] = id;
            BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), id, 30s) == std::string(toText(status)));
        }
        return ids;
    }
    HttpAnswer ask(const std::string& rest) { return farm.guest().get("/builds/pkgname/" + rest); }
    std::vector<std::string> idsOf(const std::string& rest)
    {
        const auto answer = ask(rest);
        BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
        const auto builds = json(answer)->getArray("builds");
        BOOST_TEST(json(answer)->getValue<std::size_t>("total") == builds->size());
        std::vector<std::string> ids;
        for (unsigned i = 0; i < builds->size(); ++i)
            ids.push_back(builds->getObject(i)->getValue<std::string>("build_id"));
        return ids;
    }

    FakeBuildServer intel{"x86_64"}, arm{"aarch64"};
    FarmProcess farm{{{"x86_64", intel.url()}, {"aarch64", arm.url()}}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(PackageLookup)

BOOST_FIXTURE_TEST_CASE(the_newest_build_of_a_package_is_found_for_an_architecture, LookupFarm)
{
    const auto first = built("hello", BuildStatus::Completed), second = built("hello", BuildStatus::Completed);
    auto failed = built("hello", BuildStatus::Failed, "'x86_64'");
    const auto latest = ask("hello/arch/x86_64/latest?successful_only=true");
    BOOST_TEST_REQUIRE(latest.status == 200, latest.body);
    const auto build = json(latest);
    BOOST_TEST(build->getValue<std::string>("id") == second.at("x86_64"));
    BOOST_TEST(build->getValue<std::string>("build_id") == second.at("x86_64"));
    BOOST_TEST(build->getValue<std::string>("server_arch") == "x86_64");
    BOOST_TEST(build->getValue<std::string>("server_url") == "127---1");
    BOOST_TEST(build->getValue<std::string>("pkgname") == "hello");
    BOOST_TEST(build->getValue<std::string>("display_name") == "hello (1.0-1)");
    BOOST_TEST(build->getValue<std::string>("status") == "completed");
    BOOST_TEST(build->getValue<std::string>("pkgver") == "1.0");
    BOOST_TEST(build->getValue<std::string>("pkgrel") == "1");
    BOOST_TEST(build->isNull("epoch"));
    for (const std::string word : {"false", "0", "no"})
        BOOST_TEST(member(ask("hello/arch/x86_64/latest?successful_only=" + word), "id") == failed["x86_64"]);
    BOOST_TEST(member(ask("hello/arch/aarch64/latest"), "id") == second.at("aarch64"));
    // "any" means any architecture.
    const auto any = member(ask("hello/arch/any/latest?successful_only=true"), "id");
    BOOST_TEST((any == second.at("x86_64") || any == second.at("aarch64")));
    BOOST_TEST(member(ask("hello/latest?successful_only=false"), "id") == failed["x86_64"]);
    BOOST_TEST(ask("hello/latest?successful_only=maybe").status == 400);
}

BOOST_FIXTURE_TEST_CASE(the_newest_of_each_architecture_comes_sorted, LookupFarm)
{
    built("hello", BuildStatus::Completed);
    const auto second = built("hello", BuildStatus::Completed);
    const auto failed = built("hello", BuildStatus::Failed, "'x86_64'");
    const std::vector<std::string> completed{second.at("aarch64"), second.at("x86_64")};
    BOOST_TEST(idsOf("hello/latest-by-arch?successful_only=true") == completed, boost::test_tools::per_element());
    const std::vector<std::string> all{second.at("aarch64"), failed.at("x86_64")};
    BOOST_TEST(idsOf("hello/latest-by-arch?successful_only=0") == all, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(all_builds_of_a_package_are_listed_newest_first, LookupFarm)
{
    const auto first = built("hello", BuildStatus::Completed, "'x86_64'");
    built("other", BuildStatus::Completed, "'x86_64'");
    const auto second = built("hello", BuildStatus::Failed, "'x86_64'");
    const std::vector<std::string> both{second.at("x86_64"), first.at("x86_64")};
    BOOST_TEST(idsOf("hello?limit=50") == both, boost::test_tools::per_element());
    BOOST_TEST(idsOf("hello?limit=1") == std::vector{both[0]}, boost::test_tools::per_element());
    BOOST_TEST(idsOf("hello?status=completed") == std::vector{both[1]}, boost::test_tools::per_element());
    BOOST_TEST(idsOf("nobody").empty());
    BOOST_TEST(json(ask("nobody"))->getValue<std::string>("pkgname") == "nobody");
    for (const std::string wrong : {"limit=0", "limit=101", "limit=x", "status=done"})
        BOOST_TEST(ask("hello?" + wrong).status == 400, wrong);
}

BOOST_FIXTURE_TEST_CASE(a_package_that_was_never_built_is_told_apart, LookupFarm)
{
    const auto answer = ask("hello/arch/x86_64/latest?successful_only=true");
    BOOST_TEST(answer.status == 404);
    BOOST_TEST(member(answer, "detail") == "No builds found for package 'hello' (arch=x86_64)");
    BOOST_TEST(ask("hello/latest").status == 404);
    BOOST_TEST(idsOf("hello/latest-by-arch").empty());
    BOOST_TEST(farm.guest().get("/builds/package/hello").status == 404);
}

BOOST_FIXTURE_TEST_CASE(names_with_signs_are_taken_as_they_are, LookupFarm)
{
    const std::string name = "libstdc++_5@x.y-z";
    const auto built = this->built(name, BuildStatus::Completed, "'x86_64'");
    for (const auto& spelt : {name, std::string("libstdc%2B%2B_5%40x.y-z")})
        BOOST_TEST(member(ask(spelt + "/arch/x86_64/latest"), "id") == built.at("x86_64"), spelt);
}

BOOST_AUTO_TEST_SUITE_END()
