// SPDX-License-Identifier: MIT
#include "storage/group_commit.h"

#include "storage/sqlite_connection.h"
#include "support/child_process.h"
#include "support/short_memory.h"
#include "support/temp_dir.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <latch>

using namespace apbfarm;
using namespace apbfarm::storage;

namespace {

/// A connection that has no memory to undo a transaction, for a while.
struct ShortConnection : SqliteConnection {
    using SqliteConnection::SqliteConnection;

    void rollback() override
    {
        if (missing > 0 && --missing >= 0)
            throw SqlFailure(SqlFailure::Kind::Passing, "out of memory");
        SqliteConnection::rollback();
    }
    int missing = 0;
};

struct Fixture {
    test::TempDir folder;
    ShortConnection* connection = nullptr;   // the writer's; only for use inside its work
    std::unique_ptr<GroupCommit> writer = make();

    std::unique_ptr<GroupCommit> make()
    {
        auto made = std::make_unique<ShortConnection>(folder / "test.db", SqliteConnection::Use::Write);
        made->useWriteAheadLog();
        made->script("CREATE TABLE entries (name TEXT UNIQUE, bytes BLOB)");
        connection = made.get();
        return std::make_unique<GroupCommit>(std::move(made));
    }

    static void put(Connection& connection, const std::string& name)
    {
        connection.execute("INSERT INTO entries (name) VALUES ($1)", name);
    }
    void add(const std::string& name)
    {
        writer->run([&](Connection& c) { put(c, name); });
    }
    void addBytes(const std::string& bytes)
    {
        writer->run([&](Connection& c) { c.execute("INSERT INTO entries (bytes) VALUES ($1)", Blob{bytes}); });
    }
    std::int64_t count()
    {
        SqliteConnection reader(folder / "test.db", SqliteConnection::Use::Read);
        auto rows = reader.select("SELECT count(*) FROM entries");
        rows.next();
        return rows->integer(0);
    }
    void limitPages(int pages)
    {
        writer->run([pages](Connection& c) { c.select("PRAGMA max_page_count=" + std::to_string(pages)).next(); });
    }

    /// Runs all works so that they are in one transaction: they gather while another work keeps the writer busy.
    void runTogether(const std::vector<GroupCommit::Work>& works, const std::function<void(std::size_t)>& onError = {})
    {
        std::latch busy(1), gathered(1);
        std::vector<std::jthread> threads;
        threads.emplace_back([&] {
            writer->run([&](Connection&) {
                busy.count_down();
                gathered.wait();
            });
        });
        busy.wait();
        for (std::size_t i = 0; i < works.size(); ++i) {
            threads.emplace_back([&, i] {
                try {
                    writer->run(works[i]);
                } catch (const std::exception&) {
                    onError(i);
                }
            });
            while (writer->waiting() <= i)   // so that they are taken in this order
                std::this_thread::yield();
        }
        gathered.count_down();
    }
};

/// While it lives, SQLite is told that the quota is full when it writes.
class FullQuota {
public:
    FullQuota() { put(reinterpret_cast<sqlite3_syscall_ptr>(&refuse)); }
    ~FullQuota() { put(nullptr); }   // as before

private:
    static ssize_t refuse(int, const void*, size_t, off64_t)
    {
        errno = EDQUOT;
        return -1;
    }
    static void put(sqlite3_syscall_ptr call)
    {
        sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
        for (const char* name : {"pwrite", "pwrite64"})
            system->xSetSystemCall(system, name, call);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(GroupCommit)

BOOST_FIXTURE_TEST_CASE(a_change_is_visible_to_others_when_it_returns, Fixture)
{
    add("one");
    BOOST_TEST(count() == 1);
}

BOOST_FIXTURE_TEST_CASE(s3_what_gathers_shares_one_transaction, Fixture)
{
    std::int64_t seenByLast = 0;
    std::vector<apbfarm::storage::GroupCommit::Work> works;
    for (int i = 0; i < 40; ++i)
        works.push_back([i, this, &seenByLast](Connection& c) {
            put(c, std::to_string(i));
            seenByLast = count();   // another connection: what is committed by now
        });
    runTogether(works);
    BOOST_TEST(seenByLast == 0);
    BOOST_TEST(count() == 40);
}

BOOST_FIXTURE_TEST_CASE(a_change_that_fails_does_not_affect_the_others, Fixture)
{
    std::atomic<int> failed{-1};
    runTogether({[](Connection& c) { put(c, "a"); }, [](Connection& c) { put(c, "a"); },
                 [](Connection& c) { put(c, "b"); }},
                [&](std::size_t i) { failed = static_cast<int>(i); });
    BOOST_TEST(failed == 1);
    BOOST_TEST(count() == 2);
}

BOOST_FIXTURE_TEST_CASE(of_a_change_that_fails_halfway_nothing_remains, Fixture)
{
    std::atomic<int> failed{-1};
    runTogether({[](Connection& c) { put(c, "a"); },
                 [](Connection& c) {
                     put(c, "half");
                     throw std::runtime_error("changed its mind");
                 },
                 [](Connection& c) { put(c, "b"); }},
                [&](std::size_t i) { failed = static_cast<int>(i); });
    BOOST_TEST(failed == 1);
    BOOST_TEST(count() == 2);
}

BOOST_FIXTURE_TEST_CASE(what_the_work_throws_comes_back_as_it_was, Fixture)
{
    BOOST_CHECK_EXCEPTION(writer->run([](Connection&) { throw NotFound("nobody", "user_not_found"); }), NotFound,
                          [](const NotFound& e) { return e.code() == "user_not_found"; });
    add("a");
    BOOST_CHECK_THROW(add("a"), Conflict);
    BOOST_CHECK_THROW(writer->run([](Connection& c) { c.execute("nonsense"); }), InvalidInput);
    BOOST_TEST(writer->writable());
}

BOOST_FIXTURE_TEST_CASE(d10_a_full_disk_is_an_answer_and_passes, Fixture)
{
    limitPages(20);
    const std::string large(200'000, 'x');
    BOOST_CHECK_THROW(addBytes(large), StorageFull);
    BOOST_TEST(writer->writable());
    add("small changes still find room");
    limitPages(1'000'000);
    addBytes(large);
    BOOST_TEST(count() == 2);
}

BOOST_FIXTURE_TEST_CASE(d10_only_the_change_without_room_is_refused, Fixture)
{
    limitPages(20);
    const std::string large(200'000, 'x');
    std::atomic<int> failed{-1};
    runTogether({[](Connection& c) { put(c, "a"); },
                 [&](Connection& c) { c.execute("INSERT INTO entries (bytes) VALUES ($1)", Blob{large}); },
                 [](Connection& c) { put(c, "b"); }},
                [&](std::size_t i) { failed = static_cast<int>(i); });
    BOOST_TEST(failed == 1);
    BOOST_TEST(count() == 2);
}

BOOST_FIXTURE_TEST_CASE(d10_a_full_quota_is_a_full_disk, Fixture)
{
    add("before");
    {
        const FullQuota quota;
        BOOST_CHECK_THROW(add("beyond"), StorageFull);
    }
    BOOST_TEST(writer->writable());
    add("after");
    BOOST_TEST(count() == 2);
}

BOOST_FIXTURE_TEST_CASE(more_than_one_transaction_full_is_done_too, Fixture)
{
    std::vector<apbfarm::storage::GroupCommit::Work> works;
    for (int i = 0; i < 300; ++i)
        works.push_back([i](Connection& c) { put(c, std::to_string(i)); });
    runTogether(works);
    BOOST_TEST(count() == 300);
}

BOOST_FIXTURE_TEST_CASE(the_log_is_moved_into_the_database_while_running, Fixture)
{
    const std::string large(1'000'000, 'x');
    for (int i = 0; i < 40; ++i)
        addBytes(large);
    BOOST_TEST(std::filesystem::file_size(folder / "test.db") > 30'000'000u);
    BOOST_TEST(std::filesystem::file_size(folder / "test.db-wal") < 40'000'000u);
}

BOOST_FIXTURE_TEST_CASE(finishes_what_was_handed_over_before_it_ends, Fixture)
{
    for (int i = 0; i < 20; ++i)
        add(std::to_string(i));
    writer.reset();
    BOOST_TEST(count() == 20);
    BOOST_TEST(!std::filesystem::exists(folder / "test.db-journal"));
}

BOOST_FIXTURE_TEST_CASE(a_change_that_found_no_memory_does_not_stop_those_after_it, Fixture)
{
    for (long at = 1; test::lacking(at, [&] { add("short " + std::to_string(at)); }); ++at) {
        std::atomic<bool> done = false;
        std::jthread next([&] {
            add("after " + std::to_string(at));
            done = true;
        });
        const bool came = test::eventually([&] { return done.load(); }, std::chrono::seconds(5));
        BOOST_TEST(came, "allocation " << at);
        if (!came)
            return writer.reset();   // does what is left, so that nobody waits for ever
    }
    BOOST_TEST(writer->writable());
}

BOOST_FIXTURE_TEST_CASE(memory_that_is_missing_for_a_moment_ends_no_writing_D9, Fixture)
{
    add("before");
    BOOST_CHECK_THROW(writer->run([this](Connection& c) {
        put(c, "half");
        connection->missing = 5;
        throw InvalidInput("not that");
    }), InvalidInput);
    add("after");
    BOOST_TEST(writer->writable());
    BOOST_TEST(count() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
