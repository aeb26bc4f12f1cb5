// SPDX-License-Identifier: MIT
#include "storage/sqlite_connection.h"

#include "storage/sqlite_failure.h"
#include "storage/sqlite_statement.h"
#include "util/durable_file.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace apbfarm::storage {

namespace {

constexpr int kBusyTimeoutMs = 5000;
/// Pages in the log after which it is worth moving them into the database: when nobody waits, and in any case.
constexpr int kCheckpointIdlePages = 1000;
constexpr int kCheckpointBusyPages = 8000;

Poco::Data::Session openSession(const std::filesystem::path& file, SqliteConnection::Use use)
{
    static std::once_flag registered;
    std::call_once(registered, [] { Poco::Data::SQLite::Connector::registerConnector(); });
    const auto path = file == SqliteConnection::kMemory ? file.string() : std::filesystem::absolute(file).string();
    std::string escaped;
    Poco::URI::encode(path, "?#", escaped);
    try {
        return {"SQLite", use == SqliteConnection::Use::Read ? "file:" + escaped + "?mode=ro" : path};
    } catch (const Poco::Exception& error) {
        throw SqlFailure(SqlFailure::Kind::Broken, "cannot open " + path + ": " + error.displayText());
    }
}

constexpr std::string_view kHarmlessPragmas[] = {"quick_check", "table_info", "table_xinfo", "index_list",
                                                 "index_info"};

/// Modules work with data and tables; the transaction around them and the engine's settings are not theirs.
int authorize(void* restricted, int action, const char* name, const char*, const char*, const char*)
{
    if (!*static_cast<bool*>(restricted))
        return SQLITE_OK;
    switch (action) {
    case SQLITE_PRAGMA: return std::ranges::count(kHarmlessPragmas, std::string_view(name)) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return SQLITE_DENY;
    default: return SQLITE_OK;
    }
}

/// Restricts what is prepared while it lives.
class Restriction {
public:
    explicit Restriction(bool& restricted) : restricted_(restricted) { restricted_ = true; }
    ~Restriction() { restricted_ = false; }

private:
    bool& restricted_;
};

int rememberPages(void* pages, sqlite3*, const char*, int inLog)
{
    *static_cast<int*>(pages) = inLog;
    return SQLITE_OK;
}

} // namespace

struct SqliteConnection::Parts {
    Poco::Data::Session session;
    /// Keys point into `Kept::sql`.
    struct Kept {
        std::string sql;
        std::unique_ptr<SqliteStatement> statement;
    };
    std::unordered_map<std::string_view, std::unique_ptr<Kept>> statements = {};
    bool restricted = false;
    int pagesInLog = 0;
    int checkpointAt = kCheckpointIdlePages;
};

SqliteConnection::SqliteConnection(const std::filesystem::path& file, Use use)
    : parts_(new Parts{openSession(file, use)}), handle_(Poco::Data::SQLite::Utility::dbHandle(parts_->session))
{
    configure(use);
}

SqliteConnection::~SqliteConnection()
{
    parts_->statements.clear();   // before the session: an open statement would keep the file open
}

void SqliteConnection::configure(Use use)
{
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
    sqlite3_wal_autocheckpoint(handle_, 0);
    sqlite3_set_authorizer(handle_, authorize, &parts_->restricted);   // now: later it would undo all preparing
    script("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;");
    if (use == Use::Read) {
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        script("PRAGMA query_only=ON; PRAGMA cache_size=-8000;");
        return;
    }
    script("PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA journal_size_limit=67108864;");
    sqlite3_wal_hook(handle_, rememberPages, &parts_->pagesInLog);
}

void SqliteConnection::useWriteAheadLog()
{
    auto mode = select("PRAGMA journal_mode=WAL");
    if (!mode.next() || mode->text(0) != "wal")
        throw SqlFailure(SqlFailure::Kind::Broken, "this file system cannot hold a write-ahead log");
}

Statement& SqliteConnection::prepared(std::string_view sql)
{
    if (const auto known = parts_->statements.find(sql); known != parts_->statements.end())
        return *known->second->statement;
    auto kept = std::make_unique<Parts::Kept>();
    kept->sql = sql;
    kept->statement = std::make_unique<SqliteStatement>(handle_, kept->sql);
    auto& statement = *kept->statement;
    const std::string_view key = kept->sql;
    parts_->statements.emplace(key, std::move(kept));
    return statement;
}

std::unique_ptr<Statement> SqliteConnection::prepareForModule(const std::string& sql)
{
    const Restriction whileHere(parts_->restricted);
    return std::make_unique<SqliteStatement>(handle_, sql);
}

void SqliteConnection::script(const std::string& sql)
{
    checkSqlite(handle_, sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

void SqliteConnection::scriptForModule(const std::string& sql)
{
    const Restriction whileHere(parts_->restricted);
    script(sql);
}

void SqliteConnection::begin()
{
    execute("BEGIN IMMEDIATE");
}

void SqliteConnection::commit()
{
    execute("COMMIT");
}

void SqliteConnection::rollback()
{
    if (inTransaction())
        execute("ROLLBACK");
}

bool SqliteConnection::inTransaction() const
{
    return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t SqliteConnection::changes() const
{
    return sqlite3_changes64(handle_);
}

std::int64_t SqliteConnection::totalChanges() const
{
    return sqlite3_total_changes64(handle_);
}

/// Done here and not by SQLite itself inside COMMIT, which would hide a failed sync of the database file (D9) and make
/// the waiting callers wait for it.
void SqliteConnection::tidy(bool idle)
{
    auto& parts = *parts_;
    if (parts.pagesInLog < (idle ? parts.checkpointAt : parts.checkpointAt + kCheckpointBusyPages))
        return;
    int inLog = 0, moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &inLog, &moved);
    // A reader that still needs old pages holds the log; come back when it has grown again.
    parts.checkpointAt = moved >= inLog ? kCheckpointIdlePages : inLog + kCheckpointIdlePages;
    parts.pagesInLog = moved >= inLog ? 0 : inLog;
    if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return;
    throwSqliteFailure(handle_, code);
}

void SqliteConnection::copyTo(const std::filesystem::path& file)
{
    auto temporary = file;
    temporary += ".part";
    std::filesystem::remove(temporary);
    {
        const util::UniqueFd made(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!made)
            throw SqlFailure(errno == ENOSPC ? SqlFailure::Kind::Full : SqlFailure::Kind::Passing,
                             "cannot create " + temporary.string() + ": " + std::strerror(errno));
        SqliteConnection copy(temporary, Use::Write);
        copyPagesTo(copy);
        if (::fsync(made.get()) != 0)
            throw SqlFailure(SqlFailure::Kind::Broken, "cannot sync " + temporary.string());
    }
    std::filesystem::rename(temporary, file);
    util::syncDirectory(file.has_parent_path() ? file.parent_path() : ".");
}

void SqliteConnection::copyFrom(SqliteConnection& source)
{
    // Pages in memory cannot be converted.
    auto size = source.select("PRAGMA page_size");
    if (size.next())
        script("PRAGMA page_size=" + std::to_string(size->integer(0)));
    source.copyPagesTo(*this);
}

void SqliteConnection::copyPagesTo(SqliteConnection& target)
{
    auto* backup = sqlite3_backup_init(target.handle(), "main", handle_, "main");
    if (!backup)
        throwSqliteFailure(target.handle(), sqlite3_errcode(target.handle()));
    sqlite3_backup_step(backup, -1);
    checkSqlite(target.handle(), sqlite3_backup_finish(backup));
}

} // namespace apbfarm::storage
