// SPDX-License-Identifier: MIT
// apb-farm doctor, with faults planted into the state of a real farm.
#include "functional/farm_commands.h"
#include "support/filled_farm.h"

#include <Poco/JSON/Array.h>

using namespace apbfarm;
using namespace apbfarm::test;
namespace fs = std::filesystem;

namespace {

/// A farm with everything, a sealed mail password too; it does not run any more.
struct Patient : FilledFarm {
    Patient() : FilledFarm(std::map<std::string, std::string>{{"http.maxConnections", "1000"}})
    {
        farm.admin().postJson("/admin/smtp",
                              R"({"server":"mail.example.org","username":"robot","password":"secret of the mail"})");
        farm.stop();
    }

    CommandResult examine(std::vector<std::string> more = {})
    {
        more.insert(more.begin(), "doctor");
        return runCommand(farm, more);
    }
    /// The first file in that folder of the state.
    fs::path kept(const std::string& folder, const std::string& content = "")
    {
        for (const auto& name : filesBelow(farm.stateDirectory() / folder))
            if (content.empty() || readFile(farm.stateDirectory() / folder / name) == content)
                return farm.stateDirectory() / folder / name;
        BOOST_FAIL("nothing is kept in " + folder);
        return {};
    }
    void sick(const std::string& line, const std::string& remedy, std::vector<std::string> more = {})
    {
        const auto said = examine(std::move(more));
        BOOST_TEST(said.code == 2, line);
        BOOST_TEST(has(said.output, "fail  " + line), "'" << line << "' is not in:\n" << said.output);
        BOOST_TEST(has(said.output, remedy), "'" << remedy << "' is not in:\n" << said.output);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(Doctor)

BOOST_FIXTURE_TEST_CASE(a_healthy_farm_has_nothing_wrong_running_or_not_and_stays_as_it_is, Patient)
{
    const auto before = filesBelow(farm.stateDirectory());
    const auto stopped = examine({"--deep"});
    BOOST_TEST(stopped.code == 0, stopped.output);
    BOOST_TEST(has(stopped.output, "No farm runs"), stopped.output);
    BOOST_TEST(filesBelow(farm.stateDirectory()) == before, boost::test_tools::per_element());
    for (const auto* check : {"configuration", "plugins", "folders", "disk", "database", "schema", "uploads",
                              "packages", "logs", "left over", "key", "clock", "open files", "build servers"})
        BOOST_TEST(has(stopped.output, std::string("ok  ") + check + ": "), check << "\n" << stopped.output);
    BOOST_TEST(has(stopped.output, "opens all 1 secrets"));

    farm.start();
    const auto running = examine();
    BOOST_TEST(running.code == 0, running.output);
    BOOST_TEST(has(running.output, "The farm runs"), running.output);
    BOOST_TEST(has(running.output, "for the running farm"), running.output);
}

BOOST_FIXTURE_TEST_CASE(it_finds_missing_and_cut_files, Patient)
{
    const auto package = kept("artifacts", "the bytes of a package"), upload = kept("payloads");
    fs::rename(upload, farm.folder() / "away");
    sick("uploads: the upload of build ", "Take the file from a backup");
    fs::rename(farm.folder() / "away", upload);
    fs::resize_file(package, 5);
    sick("packages: finished-1.0-1-x86_64.pkg.tar.zst of build " + finished + " has 5 bytes instead of 22",
         "or build the package again");
    fs::remove(package);
    sick("packages: finished-1.0-1-x86_64.pkg.tar.zst of build " + finished + " is missing", package.string());
}

BOOST_FIXTURE_TEST_CASE(it_finds_a_single_wrong_bit_when_it_looks_deep, Patient)
{
    const auto package = kept("artifacts", "the bytes of a package"), upload = kept("payloads");
    flipByte(package, 7);
    BOOST_TEST(examine().code == 0);
    sick("packages: finished-1.0-1-x86_64.pkg.tar.zst of build " + finished + " is not what was stored",
         package.string(), {"--deep"});
    flipByte(package, 7);
    BOOST_TEST(examine({"--deep"}).code == 0);
    flipByte(upload, 7);
    sick("uploads: the upload of build ", "is not what was stored", {"--deep"});
}

BOOST_FIXTURE_TEST_CASE(it_finds_what_others_may_read_O2, Patient)
{
    for (const auto& place :
         {farm.stateDirectory(), farm.stateDirectory() / "farm.db", kept("artifacts").parent_path(), kept("logs")}) {
        const auto before = fs::status(place).permissions();
        fs::permissions(place, before | fs::perms::group_read);
        sick("folders: " + place.string() + " has the mode ", "(chmod ");
        fs::permissions(place, before);
    }
    fs::permissions(farm.stateDirectory() / "secret.key", fs::perms(0644));
    sick("key: ", "chmod 0600");
}

BOOST_FIXTURE_TEST_CASE(it_finds_a_wrong_a_missing_and_an_unfinished_key_C1, Patient)
{
    const auto key = farm.stateDirectory() / "secret.key";
    const auto right = readFile(key);
    flipByte(key, 0);
    sick("key: smtp_config.password of row 1 does not open", "put that one back");
    fs::remove(key);
    sick("key: " + key.string() + " is missing and 1 secrets", "Put it back");
    std::ofstream(key) << right;
    fs::permissions(key, fs::perms(0600));
    std::ofstream(key.string() + ".next") << std::string(32, 'k');
    fs::permissions(key.string() + ".next", fs::perms(0600));
    const auto said = examine();
    BOOST_TEST(said.code == 1);
    BOOST_TEST(has(said.output, "warn  key exchange: "), said.output);
}

BOOST_FIXTURE_TEST_CASE(it_finds_a_damaged_and_a_newer_database, Patient)
{
    const auto database = farm.stateDirectory() / "farm.db";
    const auto ask = [&](const std::string& sql) {
        ChildProcess program({"sqlite3", database, sql}, farm.folder() / "sqlite3.log");
        BOOST_TEST_REQUIRE(program.wait().value_or(-1) == 0, program.output());
    };
    ask("PRAGMA foreign_keys=OFF; INSERT INTO tokens (token_hash, user_id, created_at, last_used_at, expires_at) "
        "VALUES ('x', 77, 1, 1, 1)");
    const auto references = examine();
    BOOST_TEST(references.code == 1);
    BOOST_TEST(has(references.output, "warn  references: 1 rows"), references.output);
    ask("DELETE FROM tokens WHERE token_hash = 'x'; INSERT INTO schema_versions (module, version, applied_at) VALUES "
        "('core', 1000, 1)");
    sick("schema: 1000, newer", "Install the newer program again");
    for (const auto page : {2, 3, 5, 8})
        flipByte(database, static_cast<std::uintmax_t>(page) * 4096 + 1);
    sick("database: ", "apb-farm restore --force BACKUP");
}

BOOST_FIXTURE_TEST_CASE(it_finds_wrong_settings_plugins_and_silent_servers, Patient)
{
    server.goDown();
    sick("build servers: " + server.url(), "Look at that machine");
    farm.setProperty("limits.storageReserve", "1000000000MB");
    farm.writeProperties();
    sick("disk: ", "lower cache.maxSize");
    farm.setProperty("scheduler", "coinflip");
    farm.writeProperties();
    sick("plugins: scheduler = coinflip", "--list-plugins");
    farm.setProperty("http.workers", "many");
    farm.writeProperties();
    sick("configuration: ", "http.workers");
}

BOOST_FIXTURE_TEST_CASE(it_finds_what_nothing_refers_to, Patient)
{
    const auto orphan = farm.stateDirectory() / "artifacts/ab" / std::string(64, 'a');
    fs::create_directories(orphan.parent_path());
    fs::permissions(orphan.parent_path(), fs::perms(0700));
    std::ofstream(orphan) << "nobody's";
    fs::permissions(orphan, fs::perms(0600));
    BOOST_TEST(examine().code == 0);   // somebody may be about to refer to it
    fs::last_write_time(orphan, fs::file_time_type::clock::now() - std::chrono::hours(48));
    const auto said = examine();
    BOOST_TEST(said.code == 1);
    BOOST_TEST(has(said.output, "warn  left over: " + orphan.string()), said.output);
}

BOOST_FIXTURE_TEST_CASE(programs_get_one_object_with_all_checks, Patient)
{
    fs::remove(kept("payloads"));
    const auto said = examine({"--json"});
    BOOST_TEST(said.code == 2);
    const auto object = util::parseJsonObject(said.output);
    BOOST_TEST(object->getValue<std::string>("verdict") == "fail");
    const auto checks = object->getArray("checks");
    BOOST_TEST(checks->size() > 10u);
    for (unsigned i = 0; i < checks->size(); ++i) {
        const auto check = checks->getObject(i);
        const auto verdict = check->getValue<std::string>("verdict");
        BOOST_TEST((verdict == "ok") == check->getValue<std::string>("remedy").empty(), verdict);
    }
}

BOOST_AUTO_TEST_SUITE_END()
