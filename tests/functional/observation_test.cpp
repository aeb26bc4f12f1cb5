// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"

#include <boost/test/unit_test.hpp>

#include <Poco/JSON/Array.h>

using namespace apbfarm;
using test::FarmProcess;

namespace {

Poco::JSON::Object::Ptr taskOf(test::HttpClient client, const std::string& name)
{
    const auto answer = client.get("/admin/tasks");
    BOOST_REQUIRE(answer.status == 200);
    const auto tasks = util::parseJsonObject(answer.body)->getArray("tasks");
    for (std::size_t i = 0; i < tasks->size(); ++i)
        if (tasks->getObject(i)->getValue<std::string>("name") == name)
            return tasks->getObject(i);
    return nullptr;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Observation)

BOOST_AUTO_TEST_CASE(administrators_see_what_runs_in_the_background_and_when_it_runs_next)
{
    test::FakeBuildServer server("x86_64");
    FarmProcess farm({{"x86_64", server.url()}}, {{"database.backupInterval", "1h"}});
    farm.start();
    for (const auto* name : {"queue", "status", "tokens", "payloads", "housekeeping", "backup", "outbox"}) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(test::eventually([&] {
                const auto task = taskOf(farm.admin(), name);
                return task && task->getValue<int>("runs") > 0 && !task->isNull("last_ended_at");
            }));
        }
    }
    const auto backup = taskOf(farm.admin(), "backup");
    BOOST_TEST(backup->getValue<double>("next_run_at") > backup->getValue<double>("last_ended_at") + 3500);
    BOOST_TEST(backup->getValue<int>("failures") == 0);
}

BOOST_AUTO_TEST_CASE(a_backup_that_fails_is_shown_with_its_reason)
{
    test::FakeBuildServer server("x86_64");
    FarmProcess farm({{"x86_64", server.url()}}, {{"database.backupInterval", "1h"}});
    std::filesystem::create_directories(farm.stateDirectory());
    std::ofstream(farm.stateDirectory() / "backups") << "a file where a folder should be\n";
    farm.start();
    BOOST_TEST(test::eventually([&] {
        const auto task = taskOf(farm.admin(), "backup");
        return task && task->getValue<int>("failures") > 0 && !task->isNull("last_failure");
    }));
}

BOOST_AUTO_TEST_CASE(only_administrators_see_it)
{
    FarmProcess farm(FarmProcess::Servers{{"x86_64", "http://127.0.0.1:9"}});
    farm.start();
    BOOST_TEST(farm.guest().get("/admin/tasks").status == 401);
}

BOOST_AUTO_TEST_SUITE_END()
