// SPDX-License-Identifier: MIT
// bench-group_commit FILE THREADS SECONDS BYTES: what the SQLite library does by itself. The threads hand rows,
// a build and its payload, to one writer, which commits what has gathered; each waits until its row is on disk.
// Prints rows and seconds.
#include "client.h"

#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace apbfarm::bench {

namespace {

// The columns and indexes that the farm fills for a submission.
constexpr auto kSchema = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 8192;
PRAGMA cache_size = -32000;
CREATE TABLE IF NOT EXISTS builds (
    id TEXT PRIMARY KEY, server_url TEXT, server_arch TEXT, pkgname TEXT, status TEXT, start_time REAL, end_time REAL,
    created_at REAL, queue_position INTEGER, submission_group TEXT, last_known_status TEXT, last_status_update REAL,
    server_available BOOLEAN, cached_response TEXT, user_id INTEGER, build_timeout INTEGER, epoch TEXT, pkgver TEXT,
    pkgrel TEXT, sequence INTEGER, revision INTEGER, state TEXT, payload TEXT, pkgnames TEXT, pkgbuild_arches TEXT);
CREATE INDEX IF NOT EXISTS builds_status ON builds (status, created_at);
CREATE INDEX IF NOT EXISTS builds_pkgname ON builds (pkgname, created_at);
CREATE INDEX IF NOT EXISTS builds_user ON builds (user_id, created_at);
CREATE INDEX IF NOT EXISTS builds_group ON builds (submission_group);
CREATE TABLE IF NOT EXISTS payloads (digest TEXT PRIMARY KEY, bytes BLOB NOT NULL, created_at REAL NOT NULL);
)sql";

constexpr auto kInsertBuild = R"sql(
INSERT INTO builds VALUES (?1, NULL, 'x86_64', 'bench-small', 'queued', NULL, NULL, ?2, ?3, ?4, 'queued', ?2, 1, NULL,
    1, 7200, '0', '1.0', '1', ?3, 0, 'queued', ?5, '["bench-small"]', '["x86_64"]'))sql";
constexpr auto kInsertPayload = "INSERT INTO payloads VALUES (?1, ?2, ?3)";

struct Row {
    std::string id, group, digest, payload;
};

/// One database, used by one thread.
class Database {
public:
    explicit Database(const char* file)
    {
        check(sqlite3_open(file, &database_));
        check(sqlite3_exec(database_, kSchema, nullptr, nullptr, nullptr));
        check(sqlite3_prepare_v3(database_, kInsertBuild, -1, SQLITE_PREPARE_PERSISTENT, &build_, nullptr));
        check(sqlite3_prepare_v3(database_, kInsertPayload, -1, SQLITE_PREPARE_PERSISTENT, &payload_, nullptr));
    }
    ~Database()
    {
        sqlite3_finalize(build_);
        sqlite3_finalize(payload_);
        sqlite3_close(database_);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void commit(const std::vector<const Row*>& rows)
    {
        check(sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
        for (const auto* row : rows)
            insert(*row);
        check(sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr));
    }

private:
    void insert(const Row& row)
    {
        sqlite3_bind_text(payload_, 1, row.digest.data(), static_cast<int>(row.digest.size()), SQLITE_STATIC);
        sqlite3_bind_blob(payload_, 2, row.payload.data(), static_cast<int>(row.payload.size()), SQLITE_STATIC);
        sqlite3_bind_double(payload_, 3, 1.75e9);
        step(payload_);
        sqlite3_bind_text(build_, 1, row.id.data(), static_cast<int>(row.id.size()), SQLITE_STATIC);
        sqlite3_bind_double(build_, 2, 1.75e9);
        sqlite3_bind_int64(build_, 3, ++sequence_);
        sqlite3_bind_text(build_, 4, row.group.data(), static_cast<int>(row.group.size()), SQLITE_STATIC);
        sqlite3_bind_text(build_, 5, row.digest.data(), static_cast<int>(row.digest.size()), SQLITE_STATIC);
        step(build_);
    }
    void step(sqlite3_stmt* statement)
    {
        check(sqlite3_step(statement) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR);
        sqlite3_reset(statement);
    }
    void check(int result)
    {
        if (result != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(database_));
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* build_ = nullptr;
    sqlite3_stmt* payload_ = nullptr;
    sqlite3_int64 sequence_ = 0;
};

/// The hand-over between the threads and the writer: what gathers while one batch is committed is the next.
class Writer {
public:
    explicit Writer(const char* file) : database_(file), waiting_(std::make_shared<Batch>()) {}

    void storeAndWait(const Row& row)
    {
        std::shared_ptr<Batch> batch;
        {
            std::lock_guard lock(mutex_);
            batch = waiting_;
            batch->rows.push_back(&row);
        }
        gathered_.notify_one();
        batch->stored.wait(false);
    }

    /// Until `stop` was called and nothing waits.
    void run()
    {
        while (const auto batch = take()) {
            database_.commit(batch->rows);
            batch->stored.store(true);
            batch->stored.notify_all();
        }
    }
    void stop()
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        gathered_.notify_one();
    }

private:
    struct Batch {
        std::vector<const Row*> rows;
        std::atomic<bool> stored{false};
    };

    std::shared_ptr<Batch> take()
    {
        std::unique_lock lock(mutex_);
        gathered_.wait(lock, [&] { return stopping_ || !waiting_->rows.empty(); });
        if (waiting_->rows.empty())
            return nullptr;
        return std::exchange(waiting_, std::make_shared<Batch>());
    }

    Database database_;
    std::mutex mutex_;
    std::condition_variable gathered_;
    std::shared_ptr<Batch> waiting_;
    bool stopping_ = false;
};

std::string randomHex(std::mt19937_64& random, std::size_t length)
{
    std::string text(length, '0');
    for (auto& c : text)
        c = "0123456789abcdef"[random() & 15];
    return text;
}

/// Other bytes for each row; making them may not cost what storing them does.
std::string payload(std::mt19937_64& random, std::size_t length)
{
    std::string bytes(length, '\0');
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= length; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = random();
        std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    return bytes;
}

std::uint64_t storeUntil(Writer& writer, Clock::time_point end, std::size_t bytes)
{
    std::mt19937_64 random(std::random_device{}());
    std::uint64_t stored = 0;
    for (; Clock::now() < end; ++stored) {
        const Row row{randomHex(random, 36), randomHex(random, 36), randomHex(random, 64), payload(random, bytes)};
        writer.storeAndWait(row);
    }
    return stored;
}

/// Rows and seconds.
std::pair<std::uint64_t, double> run(Writer& writer, int threads, double seconds, std::size_t bytes)
{
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::atomic<std::uint64_t> stored{0};
    std::vector<std::thread> handing;
    for (int i = 0; i < threads; ++i)
        handing.emplace_back([&] { stored += storeUntil(writer, end, bytes); });
    std::thread writing([&] { writer.run(); });
    for (auto& thread : handing)
        thread.join();
    const auto taken = secondsSince(start);
    writer.stop();
    writing.join();
    return {stored.load(), taken};
}

} // namespace

} // namespace apbfarm::bench

int main(int argc, char** argv)
{
    if (argc != 5) {
        std::fprintf(stderr, "bench-group_commit FILE THREADS SECONDS BYTES\n");
        return 2;
    }
    try {
        apbfarm::bench::Writer writer(argv[1]);
        const auto [rows, seconds] = apbfarm::bench::run(writer, std::atoi(argv[2]), std::atof(argv[3]),
                                                         static_cast<std::size_t>(std::atoi(argv[4])));
        std::printf("%llu %.6f\n", static_cast<unsigned long long>(rows), seconds);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-group_commit: %s\n", error.what());
        return 1;
    }
}
