// SPDX-License-Identifier: MIT
#include "storage/sqlite_storage.h"

#include "storage/foreign_farm.h"
#include "storage/lock_file.h"
#include "storage/migrator.h"
#include "storage/sql_storage.h"
#include "storage/sqlite_connection.h"
#include "util/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace apbfarm::storage {

namespace {

std::filesystem::path beside(const std::filesystem::path& file, const std::string& ending)
{
    auto path = file;
    path += ending;
    return path;
}

/// Made before SQLite does it, which would leave the mode to the umask; its own files take over the mode of this one.
void makeFile(const std::filesystem::path& file)
{
    const util::UniqueFd made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!made)
        throw Unavailable("Cannot open the database " + file.string() + ": " + std::strerror(errno), "storage_failed");
}

/// Existing farms leave the mode of theirs to the umask.
void makePrivate(const std::filesystem::path& file)
{
    if (::chmod(file.c_str(), 0600) != 0)
        throw Unavailable("Cannot make the database " + file.string() + " private: " + std::strerror(errno),
                          "storage_failed");
}

std::filesystem::path backupName(const std::filesystem::path& file, int version, Timestamp now)
{
    return beside(file, ".schema-" + std::to_string(version) + "." +
                            std::to_string(static_cast<std::int64_t>(toEpoch(now))) + ".backup");
}

void migrate(SqliteConnection& connection, const SqliteOptions& options, Timestamp now, std::filesystem::path& copy)
{
    const auto say = [&](const std::string& what) {
        if (options.progress)
            options.progress(what);
    };
    const auto backUp = [&](int version) {
        refuseUnusable(connection, options.file.string());
        makePrivate(options.file);
        const auto place = backupName(options.file, version, now);
        connection.copyTo(place);
        copy = place;
        say("copied the database to " + copy.string());
    };
    const auto prepare = [](Connection& c) { completeForeignTables(c, sqliteMigrations().front()); };
    const auto adopt = [now](Connection& c) { adoptForeignRows(c, now); };
    Migrator(connection, sqliteMigrations(), {backUp, prepare, adopt, say}).run(now);
}

void bringUpToDate(SqliteConnection& connection, const SqliteOptions& options, Timestamp now)
{
    std::filesystem::path copy;
    try {
        migrate(connection, options, now, copy);
    } catch (...) {
        // The database is as it was. Starts that fail again and again must not fill the disk with copies of it.
        if (std::error_code ignored; !copy.empty())
            std::filesystem::remove(copy, ignored);
        throw;
    }
    makePrivate(options.file);
    connection.useWriteAheadLog();
}

SqlConnections connect(const SqliteOptions& options, Timestamp now)
{
    SqlConnections connections;
    auto writer = std::make_unique<SqliteConnection>(options.file, SqliteConnection::Use::Write);
    bringUpToDate(*writer, options, now);
    connections.writer = std::move(writer);
    for (int i = 0; i < options.readers; ++i)
        connections.readers.push_back(
            std::make_unique<SqliteConnection>(options.file, SqliteConnection::Use::Read));
    // A connection of its own for each copy: it takes long and must not hold up readers.
    connections.backup = [file = options.file](const std::string& path) {
        SqliteConnection(file, SqliteConnection::Use::Read).copyTo(path);
    };
    return connections;
}

SqlConnections connectOrExplain(const SqliteOptions& options, Timestamp now)
{
    try {
        return connect(options, now);
    } catch (const SqlFailure& failure) {
        if (failure.kind() == SqlFailure::Kind::Full)
            throw StorageFull("No room to open the database " + options.file.string());
        throw Unavailable("Cannot use the database " + options.file.string() + ": " + failure.what(),
                          "storage_failed");
    }
}

/// What belongs to the file outlives the connections to it.
struct Ground {
    explicit Ground(const SqliteOptions& options)
        : lock(beside(options.file, ".lock")), clock(options.clock ? *options.clock : systemClock)
    {
        makeFile(options.file);
    }

    util::SystemClock systemClock;
    LockFile lock;
    const util::Clock& clock;
};

class SqliteStorage final : public Storage {
public:
    explicit SqliteStorage(const SqliteOptions& options)
        : ground_(options), sql_(connectOrExplain(options, ground_.clock.wall()), ground_.clock)
    {
    }

    BuildStore& builds() override { return sql_.builds(); }
    ForeignFileStore& foreignFiles() override { return sql_.foreignFiles(); }
    ArtifactIndex& artifacts() override { return sql_.artifacts(); }
    RepositoryStore& repositories() override { return sql_.repositories(); }
    UserStore& users() override { return sql_.users(); }
    TokenStore& tokens() override { return sql_.tokens(); }
    SettingStore& settings() override { return sql_.settings(); }
    OutboxStore& outbox() override { return sql_.outbox(); }
    AuditStore& audit() override { return sql_.audit(); }
    ModuleTables& tables() override { return sql_.tables(); }
    bool writable() override { return sql_.writable(); }
    StorageFigures figures() override { return sql_.figures(); }
    void backupTo(const std::string& path) override { sql_.backupTo(path); }

private:
    Ground ground_;
    SqlStorage sql_;
};

} // namespace

std::unique_ptr<Storage> openSqlite(const SqliteOptions& options)
{
    return std::make_unique<SqliteStorage>(options);
}

} // namespace apbfarm::storage
