// SPDX-License-Identifier: MIT
#include "storage/sqlite_storage.h"

#include "storage/migrations.h"
#include "storage/sqlite_connection.h"
#include "support/temp_dir.h"

#include <apbfarm/conformance/storage_conformance.h>

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

using namespace apbfarm;
using namespace apbfarm::conformance;
using apbfarm::storage::SqliteConnection;

namespace {

std::string mode(const std::filesystem::path& file)
{
    struct stat info {};
    BOOST_REQUIRE(::stat(file.c_str(), &info) == 0);
    char text[8];
    std::snprintf(text, sizeof text, "%o", info.st_mode & 0777u);
    return text;
}

/// What a check of the whole file says: "ok" and no dangling references.
std::string health(const std::filesystem::path& file)
{
    SqliteConnection connection(file, SqliteConnection::Use::Write);
    auto check = connection.select("PRAGMA integrity_check");
    check.next();
    if (connection.select("PRAGMA foreign_key_check").next())
        return "dangling references";
    return check->string(0);
}

struct Farm {
    test::TempDir folder;
    std::filesystem::path file = folder / "farm.db";

    std::unique_ptr<Storage> open() { return storage::openSqlite({.file = file}); }
    std::string refusal()
    {
        try {
            open();
        } catch (const Unavailable& error) {
            return error.code() + ": " + error.what();
        }
        return "opened";
    }
};

/// No file of this process can grow beyond `bytes`: writing further fails with a real error of the system.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

} // namespace

BOOST_AUTO_TEST_SUITE(SqliteStorage)

BOOST_FIXTURE_TEST_CASE(o2_its_files_are_private, Farm)
{
    std::ofstream(file).close();
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    const auto storage = open();
    submitOne(*storage, sampleBuild(1));
    storage->backupTo(folder / "copy.db");
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        BOOST_TEST(mode(entry.path()) == "600", entry.path());
}

BOOST_FIXTURE_TEST_CASE(s1_readers_neither_write_nor_checkpoint, Farm)
{
    const auto storage = open();
    submitOne(*storage, sampleBuild(1));
    const auto log = file.string() + "-wal";
    const auto before = std::filesystem::file_size(log);
    {
        SqliteConnection reader(file, SqliteConnection::Use::Read);
        BOOST_CHECK_THROW(reader.execute("DELETE FROM builds"), storage::SqlFailure);
        auto autoCheckpoint = reader.select("PRAGMA wal_autocheckpoint");
        BOOST_REQUIRE(autoCheckpoint.next());
        BOOST_TEST(autoCheckpoint->integer(0) == 0);
    }
    BOOST_TEST(before > 0u);
    BOOST_TEST(std::filesystem::file_size(log) == before);
    BOOST_TEST(storage->builds().find(buildId(1)).has_value());
}

BOOST_FIXTURE_TEST_CASE(s2_connections_have_the_promised_settings, Farm)
{
    open();
    const auto setting = [](SqliteConnection& connection, const std::string& name) {
        auto row = connection.select("PRAGMA " + name);
        return row.next() ? row->string(0) : "";
    };
    SqliteConnection writer(file, SqliteConnection::Use::Write), reader(file, SqliteConnection::Use::Read);
    for (auto* connection : {&writer, &reader}) {
        BOOST_TEST(setting(*connection, "journal_mode") == "wal");
        BOOST_TEST(setting(*connection, "foreign_keys") == "1");
        BOOST_TEST(setting(*connection, "trusted_schema") == "0");
        BOOST_TEST(setting(*connection, "busy_timeout") != "0");
    }
    BOOST_TEST(setting(writer, "synchronous") == "2");
    BOOST_TEST(setting(reader, "query_only") == "1");
    writer.begin();   // IMMEDIATE: nobody else can begin to write now
    SqliteConnection other(file, SqliteConnection::Use::Write);
    other.script("PRAGMA busy_timeout=0");
    BOOST_CHECK_THROW(other.begin(), storage::SqlFailure);
    writer.rollback();
}

BOOST_FIXTURE_TEST_CASE(s5_texts_are_values_whatever_they_say, Farm)
{
    const auto storage = open();
    for (const std::string text : {"x'; DROP TABLE users; --", "x\" OR \"1\"=\"1", "%", "_", "$1", "?", "a\\b", "/* */", "NULL"}) {
        storage->settings().set(text, text);
        BOOST_TEST(storage->settings().get(text).value_or("") == text);
        BOOST_TEST(!storage->users().findByName(text));
        BuildQuery query;
        query.pkgname = text;
        BOOST_TEST(storage->builds().count(query) == 0);
    }
    BOOST_TEST(!storage->settings().get("anything else"));
}

BOOST_FIXTURE_TEST_CASE(d12_a_second_farm_on_the_same_file_is_refused, Farm)
{
    auto first = open();
    BOOST_TEST(refusal().starts_with("state_locked: Another farm is running"));
    BOOST_TEST(refusal().find(file.string() + ".lock") != std::string::npos);
    submitOne(*first, sampleBuild(1));
    first.reset();
    BOOST_TEST(refusal() == "opened");
}

BOOST_FIXTURE_TEST_CASE(d11_a_newer_schema_is_refused_and_left_alone, Farm)
{
    open();
    SqliteConnection(file, SqliteConnection::Use::Write)
        .execute("INSERT INTO schema_versions (module, version, applied_at) VALUES ('core', 99, 0)");
    const auto before = std::filesystem::last_write_time(file);
    BOOST_TEST(refusal().starts_with("schema_too_new: The database has schema 99"));
    BOOST_TEST((std::filesystem::last_write_time(file) == before));
}

BOOST_FIXTURE_TEST_CASE(what_is_no_database_is_refused_by_name, Farm)
{
    std::ofstream(file) << std::string(8192, 'x');
    BOOST_TEST(refusal().starts_with("storage_failed: "));
    BOOST_TEST(refusal().find(file.string()) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_path_may_hold_any_character, Farm)
{
    std::filesystem::create_directory(folder / "a b%20?#&=\xC3\xA4");
    file = folder / "a b%20?#&=\xC3\xA4" / "farm?.db";
    const auto storage = open();
    submitOne(*storage, sampleBuild(1));
    BOOST_TEST(storage->builds().find(buildId(1)).has_value());
    BOOST_TEST(std::filesystem::exists(file));
}

BOOST_FIXTURE_TEST_CASE(d9_after_a_failed_write_nothing_is_accepted_any_more, Farm)
{
    const auto storage = open();
    submitOne(*storage, sampleBuild(1));
    {
        const FileSizeLimit limit(std::filesystem::file_size(file.string() + "-wal") + 1000);
        BOOST_CHECK_THROW(submitOne(*storage, sampleBuild(2)), Unavailable);
    }
    BOOST_TEST(!storage->writable());
    BOOST_CHECK_THROW(submitOne(*storage, sampleBuild(3)), Unavailable);   // although the disk would take it again
    BOOST_CHECK_THROW(storage->settings().set("a", "b"), Unavailable);
    BOOST_TEST(storage->builds().count({}) == 1);
    BOOST_TEST(storage->builds().find(buildId(1)).has_value());
}

BOOST_FIXTURE_TEST_CASE(d9_a_restart_recovers_from_a_failed_write, Farm)
{
    {
        const auto storage = open();
        submitOne(*storage, sampleBuild(1));
        const FileSizeLimit limit(std::filesystem::file_size(file.string() + "-wal") + 1000);
        BOOST_CHECK_THROW(submitOne(*storage, sampleBuild(2)), Unavailable);
    }
    const auto storage = open();
    BOOST_TEST(storage->writable());
    BOOST_TEST(storage->builds().count({}) == 1);
    submitOne(*storage, sampleBuild(2));
}

BOOST_FIXTURE_TEST_CASE(d14_a_backup_made_under_load_restores, Farm)
{
    constexpr int kThreads = 4;
    const auto copy = folder / "restored" / "farm.db";
    std::filesystem::create_directory(copy.parent_path());
    const auto storage = open();
    std::atomic<bool> stop{false};
    std::atomic<int> next{1};
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&] {
            while (!stop) {
                const int number = next++;
                auto submission = submissionOf({sampleBuild(number)});
                submission.payloadDigest = submission.builds[0].payload = "digest-" + std::to_string(number);
                submission.inlinePayload = std::string(500, 'x');
                storage->builds().submit(submission);
                taken(*storage, step(storage->builds().find(buildId(number)).value(), BuildState::Building));
            }
        });
    while (storage->builds().count({}) < 50)
        std::this_thread::yield();
    const auto acknowledged = storage->builds().count({});
    storage->backupTo(copy);
    stop = true;
    threads.clear();
    BOOST_TEST(!std::filesystem::exists(copy.string() + ".part"));
    BOOST_TEST(health(copy) == "ok");
    const auto restored = storage::openSqlite({.file = copy});
    const auto live = restored->builds().listLive();
    BOOST_TEST(static_cast<std::int64_t>(live.size()) >= acknowledged);
    for (const Build& build : live)
        BOOST_REQUIRE(restored->builds().inlinePayload(build.payload));
}

BOOST_FIXTURE_TEST_CASE(a_backup_replaces_the_one_before, Farm)
{
    const auto storage = open();
    storage->backupTo(folder / "copy.db");
    submitOne(*storage, sampleBuild(1));
    storage->backupTo(folder / "copy.db");
    BOOST_TEST(storage::openSqlite({.file = folder / "copy.db"})->builds().count({}) == 1);
    BOOST_CHECK_THROW(storage->backupTo(folder / "no such folder" / "copy.db"), Error);
}

BOOST_FIXTURE_TEST_CASE(readers_go_on_while_a_change_is_under_way, Farm)
{
    const auto storage = open();
    submitOne(*storage, sampleBuild(1));
    SqliteConnection other(file, SqliteConnection::Use::Write);
    other.begin();
    BOOST_TEST(storage->builds().find(buildId(1)).has_value());
    other.rollback();
}

BOOST_FIXTURE_TEST_CASE(the_documented_tables_columns_and_indexes_exist, Farm)
{
    open();
    SqliteConnection connection(file, SqliteConnection::Use::Read);
    for (const std::string sql : {
             "SELECT id, server_url, server_arch, pkgname, status, start_time, end_time, created_at, queue_position, "
             "submission_group, last_known_status, last_status_update, server_available, cached_response, user_id, "
             "build_timeout, epoch, pkgver, pkgrel, first_missing_at FROM builds",
             "SELECT id, username, password_hash, role, created_at, last_login, email, is_active, "
             "email_notifications_enabled FROM users",
             "SELECT id, token_hash, user_id, created_at, last_used_at, expires_at, is_active FROM tokens",
             "SELECT id, server, port, username, password, use_tls, from_email, from_name, created_at, updated_at "
             "FROM smtp_config",
             "SELECT id, build_id, filename, file_path, file_size, cached_at, last_accessed, content_type "
             "FROM cached_artifacts"})
        BOOST_CHECK_NO_THROW(connection.prepared(sql));
    for (const std::string name : {"idx_builds_user", "idx_builds_status", "idx_builds_created_at",
                                   "idx_builds_submission_group", "idx_builds_server_arch", "idx_users_username",
                                   "idx_users_role", "idx_users_active", "idx_tokens_hash", "idx_tokens_user",
                                   "idx_tokens_expires", "idx_tokens_active"})
        BOOST_TEST(connection.select("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = $1", name).next(),
                   name);
}

BOOST_AUTO_TEST_SUITE_END()
