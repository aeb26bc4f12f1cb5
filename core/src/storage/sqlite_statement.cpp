// SPDX-License-Identifier: MIT
#include "storage/sqlite_statement.h"

#include "storage/iso_time.h"
#include "storage/sqlite_failure.h"
#include "util/text.h"

#include <sqlite3.h>

#include <charconv>

namespace apbfarm::storage {

namespace {

struct Binder {
    sqlite3_stmt* statement;
    int at;
    sqlite3_destructor_type keep;

    int operator()(std::monostate) const { return sqlite3_bind_null(statement, at); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, at, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, at, number); }
    int operator()(std::string_view text) const
    {
        // A null pointer would become NULL.
        return sqlite3_bind_text64(statement, at, text.data() ? text.data() : "", text.size(), keep, SQLITE_UTF8);
    }
    int operator()(Blob blob) const
    {
        return sqlite3_bind_blob64(statement, at, blob.bytes.data() ? blob.bytes.data() : "", blob.bytes.size(), keep);
    }
};

std::string shortest(double number)
{
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return std::string(digits, end);
}

} // namespace

// What throws here leaves nothing behind: the object is there once the other constructor is done.
SqliteStatement::SqliteStatement(sqlite3* handle, std::string_view sql) : SqliteStatement(handle)
{
    const char* tail = nullptr;
    checkSqlite(handle_, sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement_, &tail));
    const auto rest = util::trim(sql.substr(static_cast<std::size_t>(tail - sql.data())));
    if (!statement_ || !(rest.empty() || rest == ";"))
        throw SqlFailure(SqlFailure::Kind::Statement, "exactly one statement is expected");
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement_); ++i)
        places_.push_back(placeOf(i));
}

SqliteStatement::~SqliteStatement()
{
    sqlite3_finalize(statement_);
}

/// SQLite numbers `$3` by its first appearance, not by its name.
std::size_t SqliteStatement::placeOf(int parameter) const
{
    const char* name = sqlite3_bind_parameter_name(statement_, parameter);
    const auto number = name ? util::parseUnsigned(std::string_view(name).substr(1), 100'000) : std::nullopt;
    return number && *number > 0 ? *number : static_cast<std::size_t>(parameter);
}

void SqliteStatement::bind(std::span<const Value> values, bool borrowed)
{
    if (places_.size() != values.size())
        throw SqlFailure(SqlFailure::Kind::Statement, "the number of parameters differs from the number of values");
    const auto keep = borrowed ? SQLITE_STATIC : SQLITE_TRANSIENT;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        if (places_[i] > values.size())
            throw SqlFailure(SqlFailure::Kind::Statement, "parameters are not numbered from $1 without gaps");
        checkSqlite(handle_, std::visit(Binder{statement_, static_cast<int>(i + 1), keep}, values[places_[i] - 1]));
    }
}

bool SqliteStatement::step()
{
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        throwSqliteFailure(handle_, code);
    return false;
}

void SqliteStatement::reset()
{
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

int SqliteStatement::columns() const
{
    return sqlite3_column_count(statement_);
}

bool SqliteStatement::isNull(int column) const
{
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const
{
    return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteStatement::text(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                 : std::string_view();
}

std::optional<Timestamp> SqliteStatement::time(int column) const
{
    switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: return fromSeconds(sqlite3_column_double(statement_, column));
    case SQLITE_TEXT: return parseStoredTime(text(column));
    default: return std::nullopt;
    }
}

std::optional<std::string> SqliteStatement::asText(int column) const
{
    switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_NULL: return std::nullopt;
    case SQLITE_FLOAT: return shortest(sqlite3_column_double(statement_, column));
    default: return string(column);
    }
}

} // namespace apbfarm::storage
