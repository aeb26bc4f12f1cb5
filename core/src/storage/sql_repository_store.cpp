// SPDX-License-Identifier: MIT
#include "storage/sql_repository_store.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kList = R"sql(
    SELECT id, name, url, gpg_key_id, description, is_active, created_at, created_by
    FROM custom_repositories ORDER BY name)sql";

constexpr std::string_view kFind = R"sql(
    SELECT id, name, url, gpg_key_id, description, is_active, created_at, created_by
    FROM custom_repositories WHERE id = $1)sql";

constexpr std::string_view kNameTaken = "SELECT 1 FROM custom_repositories WHERE name = $1 AND id <> $2";

constexpr std::string_view kCreate = R"sql(
    INSERT INTO custom_repositories (name, url, gpg_key_id, description, is_active, created_at, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id)sql";

constexpr std::string_view kUpdate = R"sql(
    UPDATE custom_repositories SET name = $1, url = $2, gpg_key_id = $3, description = $4, is_active = $5
    WHERE id = $6)sql";

constexpr std::string_view kRemove = "DELETE FROM custom_repositories WHERE id = $1";

} // namespace sql

namespace {

CustomRepository readRepository(const Statement& row)
{
    return {.id = row.integer(0),
            .name = row.string(1),
            .url = row.string(2),
            .gpgKeyId = row.string(3),
            .description = row.string(4),
            .active = row.isNull(5) || row.flag(5),
            .createdAt = row.time(6).value_or(Timestamp{}),
            .createdBy = row.integer(7)};
}

void claimName(Connection& connection, const std::string& name, std::int64_t id)
{
    if (connection.select(sql::kNameTaken, name, id).next())
        throw Conflict("There is a repository named " + name + " already", "repository_exists");
}

} // namespace

SqlRepositoryStore::SqlRepositoryStore(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

std::vector<CustomRepository> SqlRepositoryStore::list()
{
    return readers_.with([](Connection& connection) {
        std::vector<CustomRepository> repositories;
        for (auto rows = connection.select(sql::kList); rows.next();)
            repositories.push_back(readRepository(rows.row()));
        return repositories;
    });
}

std::optional<CustomRepository> SqlRepositoryStore::find(std::int64_t id)
{
    return readers_.with([&](Connection& connection) -> std::optional<CustomRepository> {
        auto rows = connection.select(sql::kFind, id);
        return rows.next() ? std::optional(readRepository(rows.row())) : std::nullopt;
    });
}

CustomRepository SqlRepositoryStore::create(const CustomRepository& repository)
{
    auto created = repository;
    writer_.run([&](Connection& connection) {
        claimName(connection, repository.name, 0);
        auto row = connection.select(sql::kCreate, repository.name, repository.url, repository.gpgKeyId,
                                     textOrNull(repository.description), repository.active, repository.createdAt,
                                     repository.createdBy);
        row.next();
        created.id = row->integer(0);
    });
    return created;
}

void SqlRepositoryStore::update(const CustomRepository& repository)
{
    writer_.run([&](Connection& connection) {
        claimName(connection, repository.name, repository.id);
        const auto changed = connection.execute(sql::kUpdate, repository.name, repository.url, repository.gpgKeyId,
                                                textOrNull(repository.description), repository.active, repository.id);
        if (changed == 0)
            throw NotFound("There is no repository with id " + std::to_string(repository.id), "repository_not_found");
    });
}

bool SqlRepositoryStore::remove(std::int64_t id)
{
    bool removed = false;
    writer_.run([&](Connection& connection) { removed = connection.execute(sql::kRemove, id) > 0; });
    return removed;
}

} // namespace apbfarm::storage
