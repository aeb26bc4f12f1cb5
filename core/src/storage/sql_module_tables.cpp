// SPDX-License-Identifier: MIT
#include "storage/sql_module_tables.h"

#include "storage/migrator.h"

#include <algorithm>

namespace apbfarm::storage {

namespace {

std::vector<Value> valuesOf(const SqlRow& parameters)
{
    std::vector<Value> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters)
        values.push_back(toValue(parameter));
    return values;
}

SqlRow readRow(const Statement& row)
{
    SqlRow values;
    for (int i = 0; i < row.columns(); ++i)
        values.push_back(row.asText(i));
    return values;
}

} // namespace

SqlModuleTables::SqlModuleTables(GroupCommit& writer, ReadPool& readers, const util::Clock& clock)
    : writer_(writer), readers_(readers), clock_(clock)
{
}

void SqlModuleTables::migrate(const std::string& module, const std::vector<std::pair<int, std::string>>& migrations)
{
    if (module == kCoreModule)
        throw InvalidInput("The name '" + module + "' belongs to the farm's own tables", "invalid_module");
    auto ordered = migrations;
    std::ranges::sort(ordered, {}, &std::pair<int, std::string>::first);
    for (const auto& [version, script] : ordered)
        writer_.run([&, version = version, &script = script](Connection& connection) {
            if (version <= schemaVersion(connection, module))
                return;
            connection.scriptForModule(script);
            recordVersion(connection, module, version, clock_.wall());
        });
}

std::vector<SqlRow> SqlModuleTables::query(const std::string& sql, const SqlRow& parameters)
{
    return readers_.with([&](Connection& connection) {
        const auto statement = connection.prepareForModule(sql);
        statement->bind(valuesOf(parameters), true);
        std::vector<SqlRow> rows;
        while (statement->step())
            rows.push_back(readRow(*statement));
        return rows;
    });
}

std::int64_t SqlModuleTables::execute(const std::vector<std::pair<std::string, SqlRow>>& statements)
{
    std::int64_t changed = 0;
    writer_.run([&](Connection& connection) {
        changed = 0;
        for (const auto& [sql, parameters] : statements) {
            const auto statement = connection.prepareForModule(sql);
            const auto before = connection.totalChanges();
            statement->bind(valuesOf(parameters), true);
            while (statement->step()) {}
            changed = connection.totalChanges() == before ? 0 : connection.changes();
        }
    });
    return changed;
}

} // namespace apbfarm::storage
