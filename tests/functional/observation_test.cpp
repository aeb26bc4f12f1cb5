// SPDX-License-Identifier: MIT
#include "support/fake_build_server.h"
#include "support/farm_process.h"
#include "support/packages.h"

#include "util/text.h"

#include <boost/test/unit_test.hpp>

#include <Poco/JSON/Array.h>

#include <fstream>
#include <set>
#include <sstream>

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

Poco::JSON::Array::Ptr audit(const test::HttpClient& client, const std::string& query = "")
{
    const auto answer = client.get("/admin/audit?limit=1000" + query);
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    return test::json(answer)->getArray("events");
}

std::set<std::string> actionsIn(const Poco::JSON::Array::Ptr& events)
{
    std::set<std::string> actions;
    for (const auto& event : *events)
        actions.insert(event.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("action"));
    return actions;
}

std::size_t linesIn(const std::string& text)
{
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
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

BOOST_AUTO_TEST_CASE(metrics_are_what_promtool_expects)
{
    test::FakeBuildServer server("x86_64");
    server.finishAtOnce(BuildStatus::Completed);
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto admin = farm.admin();
    const auto build = test::member(test::submit(admin, "hello"), "build_id");
    BOOST_TEST_REQUIRE(test::eventually([&] { return test::statusOf(admin, build) == "completed"; }));
    farm.guest().get("/no/such/route");
    auto metrics = farm.guest().get("/metrics");
    BOOST_TEST_REQUIRE(metrics.status == 200);
    BOOST_TEST(metrics.body.find("apb_farm_builds{") == std::string::npos, "a final build is no live one");
    const auto isCounted = [&] {
        metrics = farm.guest().get("/metrics");
        return metrics.body.find("apb_farm_builds_finished_total{") != std::string::npos;
    };
    BOOST_TEST(test::eventually(isCounted));   // a moment after it is final
    const auto file = (farm.folder() / "metrics").string();
    std::ofstream(file) << metrics.body;
    test::ChildProcess check({"sh", "-c", "promtool check metrics < " + file}, farm.folder() / "promtool.log");
    BOOST_TEST(check.wait().value_or(-1) == 0, check.output());
    BOOST_TEST(check.output() == "");
    for (const std::string line :
         {"apb_farm_builds_finished_total{status=\"completed\",arch=\"x86_64\"} 1\n",
          "apb_farm_servers{arch=\"x86_64\",health=\"healthy\"} 1\n", "apb_farm_slots{arch=\"x86_64\"} 3\n",
          "apb_farm_http_requests_total{method=\"POST\",route=\"/build\",status=\"200\"} 1\n",
          "apb_farm_http_requests_total{method=\"other\",route=\"none\",status=\"404\"} 1\n",
          "apb_farm_http_request_duration_seconds_count{method=\"POST\",route=\"/build\"} 1\n",
          "apb_farm_task_failures_total{task=\"queue\"} 0\n", "apb_farm_storage_writable 1\n",
          "apb_farm_plugin_failures_total{extension=\"scheduler leastload\"} 0\n"})
        BOOST_TEST(metrics.body.find(line) != std::string::npos, line << " is not in\n" << metrics.body);
    for (const std::string name : {"apb_farm_storage_commit_duration_seconds_sum", "apb_farm_outbox_length",
                                   "apb_farm_disk_free_bytes", "process_resident_memory_bytes", "process_start_time_seconds"})
        BOOST_TEST(metrics.body.find("\n" + name + " ") != std::string::npos, name);
}

BOOST_AUTO_TEST_CASE(waiting_builds_are_in_the_metrics_by_architecture)
{
    test::FakeBuildServer server("x86_64", 0);
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    test::submit(farm.admin(), "waits");
    const auto metrics = farm.guest().get("/metrics").body;
    BOOST_TEST(metrics.find("apb_farm_queue_length{arch=\"x86_64\"} 1\n") != std::string::npos, metrics);
    BOOST_TEST(metrics.find("apb_farm_builds{state=\"queued\",arch=\"x86_64\"} 1\n") != std::string::npos);
    BOOST_TEST(metrics.find("apb_farm_queue_oldest_wait_seconds{arch=\"x86_64\"} ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(metrics_are_for_programs_on_this_machine_and_administrators_unless_said_otherwise)
{
    FarmProcess farm(FarmProcess::Servers{{"x86_64", "http://127.0.0.1:9"}});
    farm.start();
    BOOST_TEST(farm.guest().get("/metrics").status == 200);
    // Sent on by a proxy on this machine that the farm was not told about: it may be anybody.
    BOOST_TEST(farm.guest().get("/metrics", {{"X-Forwarded-For", "192.0.2.7"}}).status == 401);
    BOOST_TEST(farm.admin().get("/metrics", {{"X-Forwarded-For", "192.0.2.7"}}).status == 200);
    farm.stop();
    farm.setProperty("http.metricsAccess", "admin");
    farm.start();
    BOOST_TEST(farm.guest().get("/metrics").status == 401);
    BOOST_TEST(farm.admin().get("/metrics").status == 200);
    farm.stop();
    farm.setProperty("http.metricsAccess", "anyone");
    farm.start();
    BOOST_TEST(farm.guest().get("/metrics", {{"X-Forwarded-For", "192.0.2.7"}}).status == 200);
}

BOOST_AUTO_TEST_CASE(the_audit_trail_tells_who_did_what)
{
    test::FakeBuildServer server("x86_64");
    FarmProcess farm({{"x86_64", server.url()}}, {{"auth.maxLoginAttempts", "2"}});
    farm.start();
    const auto admin = farm.admin();
    admin.postJson("/auth/users", R"({"username":"alice","password":"CANARY-alice-1"})");
    const auto alice = farm.as("alice", "CANARY-alice-1");
    const auto build = test::member(test::submit(alice, "hers"), "build_id");
    BOOST_TEST(admin.post("/build/" + build + "/cancel").status == 200);
    admin.postJson("/admin/smtp", R"({"server":"mail.example.org","username":"u","password":"CANARY-mail"})");
    admin.post("/auth/users/2/revoke-tokens");
    for (int i = 0; i < 3; ++i)
        farm.guest().postJson("/auth/login", R"({"username":"alice","password":"CANARY-wrong"})");

    const auto actions = actionsIn(audit(admin));
    for (const auto* action : {"login_ok", "login_failed", "login_throttled", "user_created", "build_cancelled", "smtp_changed",
                               "tokens_revoked"})
        BOOST_TEST(actions.contains(action), action);
    BOOST_TEST(audit(admin, "&action=login_throttled")->size() == 1u);
    const auto cancel = audit(admin, "&action=build_cancelled")->getObject(0);
    BOOST_TEST(cancel->getValue<std::string>("actor") == "admin");
    BOOST_TEST(cancel->getValue<std::string>("target") == build);
    BOOST_TEST(cancel->getValue<std::string>("request_id") != "");
    BOOST_TEST((actionsIn(audit(admin, "&user=alice")) == std::set<std::string>{"login_ok"}));
    BOOST_TEST(audit(admin, "&to=1000")->size() == 0u);
    BOOST_TEST(audit(admin, "&from=1000&offset=1")->size() == audit(admin)->size() - 1);
    BOOST_TEST(admin.get("/admin/audit").body.find("CANARY") == std::string::npos);
    for (const auto* wrong : {"limit=0", "limit=1001", "offset=-1", "from=soon", "to=1e300", "from=nan"})
        BOOST_TEST(admin.get(std::string("/admin/audit?") + wrong).status == 400, wrong);
}

/// Every event of the trail is one line of the log as well, with the same words.
BOOST_AUTO_TEST_CASE(security_events_are_lines_of_the_log_I1)
{
    test::FakeBuildServer server("x86_64");
    FarmProcess farm({{"x86_64", server.url()}}, {{"auth.maxLoginAttempts", "2"}});
    farm.start();
    const auto admin = farm.admin();
    admin.postJson("/auth/users", R"({"username":"alice","password":"CANARY-alice-1"})");
    const auto alice = farm.as("alice", "CANARY-alice-1");
    admin.post("/build/" + test::member(test::submit(alice, "hers"), "build_id") + "/cancel");
    alice.get("/auth/users");
    admin.postJson("/admin/smtp", R"({"server":"mail.example.org","username":"u","password":"CANARY-mail"})");
    admin.request("PUT", "/auth/users/2/email", R"({"email":"alice@example.org"})", {{"Content-Type", "application/json"}});
    admin.request("PUT", "/auth/users/2/role", R"({"role":"admin"})", {{"Content-Type", "application/json"}});
    admin.post("/auth/users/2/revoke-tokens");
    farm.guest().postJson("/auth/login", R"({"username":"alice\nforged line \u2028 \u001b[31m","password":"CANARY-wrong"})");
    farm.guest().postJson("/auth/login", R"({"username":"alice","password":"CANARY-wrong"})");
    farm.as("alice", "CANARY-alice-1").post("/auth/logout");
    const auto trail = audit(admin);
    farm.stop();

    std::multiset<std::string> logged, stored;
    std::istringstream log(farm.log());
    for (std::string line; std::getline(log, line);)
        if (const auto at = line.find("audit {"); at != line.npos) {
            const auto event = util::parseJsonObject(line.substr(at + 6));
            const auto text = [&](const char* name) { return event->optValue<std::string>(name, ""); };
            logged.insert(text("action") + "|" + text("actor") + "|" + text("target") + "|" + text("address") + "|" +
                          text("result") + "|" + text("request_id"));
        }
    for (unsigned i = 0; i < trail->size(); ++i) {
        const auto event = trail->getObject(i);
        const auto text = [&](const char* name) { return util::oneLine(event->optValue<std::string>(name, "")); };
        stored.insert(text("action") + "|" + text("actor") + "|" + text("target") + "|" + text("address") + "|" +
                      text("result") + "|" + text("request_id"));
    }
    BOOST_TEST(stored.size() >= 10u);
    BOOST_TEST(logged == stored, boost::test_tools::per_element());
    BOOST_TEST(farm.log().find("CANARY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_audit_trail_can_be_taken_away_as_a_file)
{
    FarmProcess farm(FarmProcess::Servers{{"x86_64", "http://127.0.0.1:9"}});
    farm.start();
    const auto admin = farm.admin();
    farm.guest().postJson("/auth/login", R"({"username":"=cmd()\",\"x","password":"wrong password"})");
    const auto csv = admin.get("/admin/audit/export");
    BOOST_TEST(csv.header("Content-Type") == "text/csv; charset=utf-8");
    BOOST_TEST(csv.header("Content-Disposition") == "attachment; filename=\"audit.csv\"");
    BOOST_TEST(csv.body.starts_with("id,at,actor,action,target,address,result,request_id\r\n"));
    BOOST_TEST(csv.body.find(",\"'=cmd()\"\",\"\"x\",") != std::string::npos, csv.body);
    const auto lines = admin.get("/admin/audit/export?format=jsonl");
    BOOST_TEST(linesIn(csv.body) == linesIn(lines.body) + 1);
    BOOST_TEST(test::json({200, {}, lines.body.substr(0, lines.body.find('\n'))})->has("action"));
    BOOST_TEST(linesIn(admin.get("/admin/audit/export?format=jsonl&action=login_failed").body) == 1u);
    BOOST_TEST(admin.get("/admin/audit/export?format=xml").status == 400);
    for (const auto* path : {"/admin/audit", "/admin/audit/export"})
        BOOST_TEST(farm.guest().get(path).status == 401);
    // Nothing is left behind.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(farm.stateDirectory()))
        BOOST_TEST(!entry.path().filename().string().starts_with("audit-"), entry.path());
}

BOOST_AUTO_TEST_CASE(a_log_of_json_has_one_object_per_event_and_no_secrets_I2)
{
    FarmProcess farm(FarmProcess::Servers{{"x86_64", "http://127.0.0.1:9"}},
                     {{"log.format", "json"}, {"log.level", "DEBUG"}});
    farm.start();
    const auto admin = farm.admin();
    admin.postJson("/auth/users", R"({"username":"alice","password":"CANARY-alice-1"})");
    const auto id = admin.get("/auth/me").header("X-Request-Id");
    farm.guest().get("/auth/me", {{"Authorization", "Bearer CANARY-token"}});
    std::string line;
    BOOST_TEST(test::eventually([&] {
        std::istringstream log(farm.log());
        while (std::getline(log, line))
            if (line.find("\"request_id\":\"" + id + "\"") != std::string::npos)
                return true;
        return false;
    }), farm.log());
    const auto event = util::parseJsonObject(line);
    BOOST_TEST(event->getValue<std::string>("method") == "GET");
    BOOST_TEST(event->getValue<std::string>("path") == "/auth/me");
    BOOST_TEST(event->getValue<std::string>("user") == "admin");
    BOOST_TEST(event->getValue<int>("status") == 200);
    BOOST_TEST(event->getValue<int>("duration_us") > 0);
    farm.stop();
    std::istringstream log(farm.log());
    while (std::getline(log, line))
        BOOST_CHECK_NO_THROW(util::parseJsonObject(line));
    for (const std::string secret : {"CANARY", "admin123", "Bearer"})
        BOOST_TEST(farm.log().find(secret) == std::string::npos, secret);
}

BOOST_AUTO_TEST_SUITE_END()
