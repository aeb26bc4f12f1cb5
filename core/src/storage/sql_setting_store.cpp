// SPDX-License-Identifier: MIT
#include "storage/sql_setting_store.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kGet = "SELECT value FROM settings WHERE key = $1";
constexpr std::string_view kSet = R"sql(
    INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value)sql";
constexpr std::string_view kRemove = "DELETE FROM settings WHERE key = $1";

} // namespace sql

SqlSettingStore::SqlSettingStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

std::optional<std::string> SqlSettingStore::get(const std::string& key)
{
    return readers_.with([&](Connection& connection) -> std::optional<std::string> {
        auto rows = connection.select(sql::kGet, key);
        return rows.next() ? std::optional(rows->string(0)) : std::nullopt;
    });
}

void SqlSettingStore::set(const std::string& key, const std::string& value)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kSet, key, value); });
}

void SqlSettingStore::remove(const std::string& key)
{
    writer_.run([&](Connection& connection) { connection.execute(sql::kRemove, key); });
}

} // namespace apbfarm::storage
