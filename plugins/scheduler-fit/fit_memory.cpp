// SPDX-License-Identifier: MIT
#include "fit_memory.h"

#include <charconv>

namespace fit {

using namespace apbfarm;

namespace {

namespace sql {

constexpr auto kPackages = R"sql(
    CREATE TABLE IF NOT EXISTS fit_packages (
        pkgname TEXT NOT NULL,
        architecture TEXT NOT NULL,
        log_seconds REAL NOT NULL,
        samples INTEGER NOT NULL,
        updated_at REAL NOT NULL,
        PRIMARY KEY (pkgname, architecture)
    ))sql";

constexpr auto kServers = R"sql(
    CREATE TABLE IF NOT EXISTS fit_servers (
        server TEXT NOT NULL PRIMARY KEY,
        log_slowness REAL NOT NULL,
        samples INTEGER NOT NULL,
        updated_at REAL NOT NULL
    ))sql";

constexpr auto kListPackages = "SELECT pkgname, architecture, log_seconds, samples, updated_at FROM fit_packages";
constexpr auto kListServers = "SELECT server, log_slowness, samples, updated_at FROM fit_servers";

constexpr auto kStorePackage = R"sql(
    INSERT INTO fit_packages (pkgname, architecture, log_seconds, samples, updated_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (pkgname, architecture) DO UPDATE SET
        log_seconds = excluded.log_seconds, samples = excluded.samples, updated_at = excluded.updated_at)sql";

constexpr auto kStoreServer = R"sql(
    INSERT INTO fit_servers (server, log_slowness, samples, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (server) DO UPDATE SET
        log_slowness = excluded.log_slowness, samples = excluded.samples, updated_at = excluded.updated_at)sql";

} // namespace sql

double number(const std::optional<std::string>& text)
{
    double value = 0;
    if (text)
        std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

std::string text(double value)
{
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

Learned learnedFrom(const SqlRow& row, std::size_t column)
{
    return {number(row.at(column)), static_cast<int>(number(row.at(column + 1))), number(row.at(column + 2))};
}

} // namespace

FitMemory::FitMemory(Storage& storage) : tables_(storage.tables())
{
    tables_.migrate("scheduler-fit", {{1, sql::kPackages}, {2, sql::kServers}});
}

bool FitMemory::restore(Estimates& estimates)
{
    const auto packages = tables_.query(sql::kListPackages, {});
    for (const auto& row : packages)
        estimates.restorePackage({row.at(0).value_or(""), row.at(1).value_or("")}, learnedFrom(row, 2));
    for (const auto& row : tables_.query(sql::kListServers, {}))
        estimates.restoreServer(row.at(0).value_or(""), learnedFrom(row, 1));
    return !packages.empty();
}

void FitMemory::store(const std::map<Estimates::Package, Learned>& packages, const std::map<std::string, Learned>& servers)
{
    std::vector<std::pair<std::string, SqlRow>> statements;
    for (const auto& [package, learned] : packages)
        statements.push_back({sql::kStorePackage, {package.first, package.second, text(learned.value),
                                                   std::to_string(learned.samples), text(learned.updatedAt)}});
    for (const auto& [server, learned] : servers)
        statements.push_back({sql::kStoreServer, {server, text(learned.value), std::to_string(learned.samples),
                                                  text(learned.updatedAt)}});
    if (!statements.empty())
        tables_.execute(statements);
}

} // namespace fit
