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

constexpr auto kPackageMemory = R"sql(
    CREATE TABLE IF NOT EXISTS fit_package_memory (
        pkgname TEXT NOT NULL,
        architecture TEXT NOT NULL,
        log_bytes REAL NOT NULL,
        samples INTEGER NOT NULL,
        updated_at REAL NOT NULL,
        PRIMARY KEY (pkgname, architecture)
    ))sql";

constexpr auto kServerMemory = R"sql(
    CREATE TABLE IF NOT EXISTS fit_server_memory (
        server TEXT NOT NULL PRIMARY KEY,
        log_bytes REAL NOT NULL,
        samples INTEGER NOT NULL,
        updated_at REAL NOT NULL
    ))sql";

constexpr auto kListPackages = "SELECT pkgname, architecture, log_seconds, samples, updated_at FROM fit_packages";
constexpr auto kListServers = "SELECT server, log_slowness, samples, updated_at FROM fit_servers";
constexpr auto kListPackageMemory = "SELECT pkgname, architecture, log_bytes, samples, updated_at FROM fit_package_memory";
constexpr auto kListServerMemory = "SELECT server, log_bytes, samples, updated_at FROM fit_server_memory";

constexpr auto kStorePackage = R"sql(
    INSERT INTO fit_packages (pkgname, architecture, log_seconds, samples, updated_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (pkgname, architecture) DO UPDATE SET
        log_seconds = excluded.log_seconds, samples = excluded.samples, updated_at = excluded.updated_at)sql";

constexpr auto kStoreServer = R"sql(
    INSERT INTO fit_servers (server, log_slowness, samples, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (server) DO UPDATE SET
        log_slowness = excluded.log_slowness, samples = excluded.samples, updated_at = excluded.updated_at)sql";

constexpr auto kStorePackageMemory = R"sql(
    INSERT INTO fit_package_memory (pkgname, architecture, log_bytes, samples, updated_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (pkgname, architecture) DO UPDATE SET
        log_bytes = excluded.log_bytes, samples = excluded.samples, updated_at = excluded.updated_at)sql";

constexpr auto kStoreServerMemory = R"sql(
    INSERT INTO fit_server_memory (server, log_bytes, samples, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (server) DO UPDATE SET
        log_bytes = excluded.log_bytes, samples = excluded.samples, updated_at = excluded.updated_at)sql";

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
    tables_.migrate("scheduler-fit",
                    {{1, sql::kPackages}, {2, sql::kServers}, {3, sql::kPackageMemory}, {4, sql::kServerMemory}});
}

std::map<Estimates::Package, Learned> FitMemory::listPackages(const char* statement)
{
    std::map<Estimates::Package, Learned> packages;
    for (const auto& row : tables_.query(statement, {}))
        packages[{row.at(0).value_or(""), row.at(1).value_or("")}] = learnedFrom(row, 2);
    return packages;
}

std::map<std::string, Learned> FitMemory::listServers(const char* statement)
{
    std::map<std::string, Learned> servers;
    for (const auto& row : tables_.query(statement, {}))
        servers[row.at(0).value_or("")] = learnedFrom(row, 1);
    return servers;
}

Knowledge FitMemory::restore()
{
    return {listPackages(sql::kListPackages), listPackages(sql::kListPackageMemory), listServers(sql::kListServers),
            listServers(sql::kListServerMemory)};
}

void FitMemory::store(const Knowledge& knowledge)
{
    std::vector<std::pair<std::string, SqlRow>> statements;
    const auto add = [&](const char* statement, SqlRow row, const Learned& learned) {
        row.insert(row.end(), {text(learned.value), std::to_string(learned.samples), text(learned.updatedAt)});
        statements.emplace_back(statement, std::move(row));
    };
    for (const auto& [package, learned] : knowledge.packages)
        add(sql::kStorePackage, {package.first, package.second}, learned);
    for (const auto& [package, learned] : knowledge.packageMemory)
        add(sql::kStorePackageMemory, {package.first, package.second}, learned);
    for (const auto& [server, learned] : knowledge.servers)
        add(sql::kStoreServer, {server}, learned);
    for (const auto& [server, learned] : knowledge.serverMemory)
        add(sql::kStoreServerMemory, {server}, learned);
    if (!statements.empty())
        tables_.execute(statements);
}

} // namespace fit
