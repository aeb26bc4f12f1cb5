// SPDX-License-Identifier: MIT
// packaging/monitoring: rules and dashboard are about figures that the real daemon has.
#include "support/farm_process.h"
#include "support/packages.h"

#include <Poco/JSON/Array.h>

#include <boost/test/unit_test.hpp>

#include <regex>
#include <set>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

std::filesystem::path monitoring(const char* file)
{
    return sourceDirectory() / "packaging/monitoring" / file;
}

std::set<std::string> matches(const std::string& text, const std::regex& pattern)
{
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

/// Every "expr" of panels, their targets and annotations.
void collectExpressions(const Poco::Dynamic::Var& value, std::vector<std::string>& expressions)
{
    if (value.type() == typeid(Poco::JSON::Object::Ptr)) {
        const auto object = value.extract<Poco::JSON::Object::Ptr>();
        for (const auto& [name, member] : *object)
            if (name == "expr")
                expressions.push_back(member.toString());
            else
                collectExpressions(member, expressions);
    } else if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
        for (const auto& member : *value.extract<Poco::JSON::Array::Ptr>())
            collectExpressions(member, expressions);
    }
}

struct Dashboard {
    Dashboard() { collectExpressions(object, expressions); }

    std::string text() const
    {
        std::string all;
        for (const auto& expression : expressions)
            all += expression + "\n";
        return all;
    }

    Poco::JSON::Object::Ptr object =
        util::parseJsonObject(readFile(monitoring("grafana-dashboard.json")), {1 << 20, 16});
    std::vector<std::string> expressions;
};

void checkRuns(const std::vector<std::string>& command)
{
    const TempDir folder;
    ChildProcess program(command, folder / "output");
    BOOST_TEST(program.wait().value_or(-1) == 0, program.output());
}

/// The metrics and labels of a farm that has done something: "apb_farm_servers", "apb_farm_servers{health".
std::set<std::string> figuresOfARealFarm()
{
    FarmProcess farm(FarmProcess::Servers{{"x86_64", "http://127.0.0.1:9"}},
                     {{"database.backupInterval", "1s"}, {"queue.holdOfflineArchitectures", "true"}});
    farm.start();
    const auto admin = farm.admin();
    BOOST_TEST_REQUIRE(submit(admin, "waiting").status == 200);
    std::string text;
    eventually([&] {
        return (text = admin.get("/metrics").body).find("_last_end_timestamp_seconds{task=\"backup\"") != text.npos;
    });
    static const std::regex family("# TYPE (\\S+) "), sample("(?:^|\n)([a-z_]+)\\{([^}]*)\\}"), label("([a-z_]+)=");
    auto figures = matches(text, family);
    for (std::sregex_iterator at(text.begin(), text.end(), sample), end; at != end; ++at)
        for (const auto& name : matches((*at)[2], label))
            figures.insert((*at)[1].str() + "{" + name);
    return figures;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Monitoring)

BOOST_AUTO_TEST_CASE(every_alert_fires_when_it_should_and_is_silent_otherwise)
{
    checkRuns({"promtool", "check", "rules", monitoring("alert-rules.yml")});
    const auto tests = sourceDirectory() / "tests/packaging/alert-rules.test.yml";
    checkRuns({"promtool", "test", "rules", tests});
    const auto alerts = matches(readFile(monitoring("alert-rules.yml")), std::regex("- alert: (\\w+)"));
    BOOST_TEST(alerts.size() > 10u);
    BOOST_TEST(matches(readFile(tests), std::regex("alertname=\"(\\w+)\"")) == alerts,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_figure_that_is_used_is_one_that_the_farm_has)
{
    static const std::regex named("\\b((?:apb_farm|process)_[a-z_]+)"), selected("\\b([a-z_]+)\\{([^}]*)\\}"),
        label("([a-z_]+)=");
    const auto text = readFile(monitoring("alert-rules.yml")) + Dashboard().text();
    const auto figures = figuresOfARealFarm();
    const auto nameOf = [](const std::string& name) { return std::regex_replace(name, std::regex("_bucket$"), ""); };
    const auto used = matches(text, named);
    BOOST_TEST(used.size() > 25u);
    for (const auto& name : used)
        BOOST_TEST(figures.contains(nameOf(name)), name << " is not in /metrics");
    for (std::sregex_iterator at(text.begin(), text.end(), selected), end; at != end; ++at)
        for (const auto& name : matches((*at)[2], label))
            if (name != "job" && (*at)[1].str().starts_with("apb_farm_"))   // job is Prometheus' own
                BOOST_TEST(figures.contains((*at)[1].str() + "{" + name), (*at)[1] << " has no label " << name);
}

BOOST_AUTO_TEST_CASE(the_dashboard_is_whole)
{
    const Dashboard dashboard;
    std::set<int> ids;
    const auto panels = dashboard.object->getArray("panels");
    BOOST_TEST(panels->size() > 20u);
    for (const auto& panel : *panels) {
        const auto object = panel.extract<Poco::JSON::Object::Ptr>();
        BOOST_TEST(ids.insert(object->getValue<int>("id")).second, object->getValue<std::string>("title"));
        const auto place = object->getObject("gridPos");
        BOOST_TEST(place->getValue<int>("x") + place->getValue<int>("w") <= 24);
    }
    // Each question is one that Prometheus understands.
    const TempDir folder;
    {
        std::ofstream rules(folder / "rules.yml");
        rules << "groups:\n  - name: dashboard\n    rules:\n";
        for (std::size_t i = 0; i < dashboard.expressions.size(); ++i)
            rules << "      - record: question" << i << "\n        expr: '"
                  << std::regex_replace(dashboard.expressions[i], std::regex("\\$job"), ".*") << "'\n";
    }
    BOOST_TEST(dashboard.expressions.size() > 25u);
    checkRuns({"promtool", "check", "rules", folder / "rules.yml"});
}

BOOST_AUTO_TEST_CASE(both_are_installed_and_in_the_package)
{
    const TempDir folder;
    checkRuns({"cmake", "--install", buildDirectory() / "packaging", "--prefix", folder.path()});
    for (const auto* file : {"grafana-dashboard.json", "alert-rules.yml"})
        BOOST_TEST(readFile(folder / "share/apb-farm/monitoring" / file) == readFile(monitoring(file)));
    BOOST_TEST(readFile(sourceDirectory() / "packaging/debian/apb-farm.install").find("usr/share/apb-farm\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
