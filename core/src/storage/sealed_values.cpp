// SPDX-License-Identifier: MIT
#include "storage/sealed_values.h"

#include "storage/sqlite_snapshot.h"

#include <apbfarm/errors.h>

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kColumns = R"sql(
    SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
    AND (c.name IN ('password', 'secret') OR c.name LIKE '%\_password' ESCAPE '\' OR c.name LIKE '%\_secret' ESCAPE '\')
    AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) k WHERE k.pk = 1 AND upper(k.type) = 'INTEGER')
    ORDER BY m.name, c.cid)sql";

} // namespace sql

namespace {

constexpr std::string_view kMark = "sealed:";

/// Names of tables and columns cannot be bound; these come from the schema, and are quoted as SQL wants it.
std::string quoted(const std::string& name)
{
    std::string text = "\"";
    for (const char c : name)
        text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + '"';
}

std::vector<SealedValue> valuesIn(Connection& connection)
{
    std::vector<SealedValue> columns, values;
    for (auto rows = connection.select(sql::kColumns); rows.next();)
        columns.push_back({rows->string(0), rows->string(1)});
    for (const auto& column : columns) {
        const auto text = "SELECT rowid, " + quoted(column.column) + " FROM " + quoted(column.table) + " WHERE " +
                          quoted(column.column) + " LIKE 'sealed:%'";
        for (auto rows = connection.select(text); rows.next();)
            values.push_back({column.table, column.column, rows->integer(0), rows->string(1).substr(kMark.size())});
    }
    return values;
}

void replace(Connection& connection, const std::function<std::string(const SealedValue&)>& reseal)
{
    connection.begin();
    try {
        for (const auto& value : valuesIn(connection)) {
            const auto text =
                "UPDATE " + quoted(value.table) + " SET " + quoted(value.column) + " = $1 WHERE rowid = $2";
            connection.execute(text, std::string(kMark) + reseal(value), value.row);
        }
        connection.commit();
    } catch (...) {
        connection.rollback();
        throw;
    }
}

[[noreturn]] void explain(const std::filesystem::path& file, const SqlFailure& failure)
{
    if (failure.kind() == SqlFailure::Kind::Full)
        throw StorageFull("The disk is full: cannot write " + file.string());
    throw Unavailable("Cannot use the database " + file.string() + ": " + failure.what(), "storage_failed");
}

} // namespace

std::vector<SealedValue> listSealedValues(const std::filesystem::path& file)
{
    try {
        SqliteConnection copy(SqliteConnection::kMemory, SqliteConnection::Use::Write);
        takeSnapshot(file, copy);
        return valuesIn(copy);
    } catch (const SqlFailure& failure) {
        explain(file, failure);
    }
}

void resealValues(const std::filesystem::path& file, const std::function<std::string(const SealedValue&)>& reseal)
{
    try {
        SqliteConnection connection(file, SqliteConnection::Use::Write);
        replace(connection, reseal);
    } catch (const SqlFailure& failure) {
        explain(file, failure);
    }
}

} // namespace apbfarm::storage
