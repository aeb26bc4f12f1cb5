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

void read(std::string& server, const SqlRow& row)
{
    server = row.at(0).value_or("");
}

void read(Estimates::Package& package, const SqlRow& row)
{
    package = {row.at(0).value_or(""), row.at(1).value_or("")};
}

/// Of whom it was learned is in the first columns, what was learned in the last three.
template <class Whose> std::map<Whose, Learned> list(ModuleTables& tables, const char* statement)
{
    std::map<Whose, Learned> all;
    for (const auto& row : tables.query(statement, {})) {
        Whose whose;
        read(whose, row);
        const auto last = row.size() - 1;
        all[whose] = {number(row.at(last - 2)), static_cast<int>(number(row.at(last - 1))), number(row.at(last))};
    }
    return all;
}

} // namespace

FitMemory::FitMemory(Storage& storage) : tables_(storage.tables())
{
    tables_.migrate("scheduler-fit",
                    {{1, sql::kPackages}, {2, sql::kServers}, {3, sql::kPackageMemory}, {4, sql::kServerMemory}});
}

Knowledge FitMemory::restore()
{
    return {list<Estimates::Package>(tables_, sql::kListPackages),
            list<Estimates::Package>(tables_, sql::kListPackageMemory),
            list<std::string>(tables_, sql::kListServers), list<std::string>(tables_, sql::kListServerMemory)};
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
