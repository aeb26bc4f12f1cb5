// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <filesystem>
#include <memory>

struct sqlite3;

namespace apbfarm::storage {

/// A `Connection` to SQLite. Poco::Data owns the session; statements run on its native handle, because a kept native
/// statement reads three times as fast as Poco's, tells numbers from text in one column, and keeps NUL bytes.
class SqliteConnection : public Connection {
public:
    enum class Use {
        Write,   ///< the only one that writes and checkpoints (S1); makes the file when absent
        Read     ///< opened read-only; never checkpoints
    };

    /// A database of its own, gone with the connection.
    static constexpr const char* kMemory = ":memory:";

    /// `file` may be kMemory. Throws SqlFailure.
    SqliteConnection(const std::filesystem::path& file, Use use);
    ~SqliteConnection() override;

    Statement& prepared(std::string_view sql) override;
    std::unique_ptr<Statement> prepareForModule(const std::string& sql) override;
    void script(const std::string& sql) override;
    void scriptForModule(const std::string& sql) override;
    void begin() override;
    void commit() override;
    void rollback() override;
    bool inTransaction() const override;
    std::int64_t changes() const override;
    std::int64_t totalChanges() const override;
    void tidy(bool idle) override;

    /// Switches the database to write-ahead logging. Throws SqlFailure when the file system cannot do it.
    void useWriteAheadLog();
    /// Copies the database as it is at this moment into a new file, synced, which appears only when it is whole.
    void copyTo(const std::filesystem::path& file);

    /// Makes this database, which must be kMemory, a copy of another one as it is at this moment.
    void copyFrom(SqliteConnection& source);

    sqlite3* handle() const { return handle_; }

private:
    struct Parts;
    void configure(Use use);
    /// In one go: one snapshot, and writers are not held up.
    void copyPagesTo(SqliteConnection& target);

    std::unique_ptr<Parts> parts_;
    sqlite3* handle_ = nullptr;
};

} // namespace apbfarm::storage
