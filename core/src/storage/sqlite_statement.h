// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace apbfarm::storage {

class SqliteStatement final : public Statement {
public:
    /// Throws SqlFailure, also when `sql` holds more than one statement.
    SqliteStatement(sqlite3* handle, std::string_view sql);
    ~SqliteStatement() override;
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    void bind(std::span<const Value> values, bool borrowed) override;
    bool step() override;
    void reset() override;
    int columns() const override;
    bool isNull(int column) const override;
    std::int64_t integer(int column) const override;
    std::string_view text(int column) const override;
    std::optional<Timestamp> time(int column) const override;
    std::optional<std::string> asText(int column) const override;

private:
    explicit SqliteStatement(sqlite3* handle) : handle_(handle) {}

    std::size_t placeOf(int parameter) const;

    sqlite3* handle_;
    sqlite3_stmt* statement_ = nullptr;
    std::vector<std::size_t> places_;   // which value, from 1, each of SQLite's parameters takes
};

} // namespace apbfarm::storage
