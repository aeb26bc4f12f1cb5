// SPDX-License-Identifier: MIT
#include "storage/sql_foreign_file_store.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kList = R"sql(
    SELECT build_id, filename, file_path, file_size, cached_at, adopted_at IS NOT NULL
    FROM cached_artifacts JOIN builds ON builds.id = build_id
    WHERE state IN ('completed', 'failed', 'cancelled') ORDER BY cached_at DESC, build_id, filename)sql";

constexpr std::string_view kAdd = R"sql(
    INSERT INTO artifacts (build_id, filename, size, sha256, content_type, stored_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (build_id, filename) DO NOTHING)sql";

// The other farm may come back and reads this table as well, so a file that had no row gets a whole one.
constexpr std::string_view kRemember = R"sql(
    INSERT INTO cached_artifacts (build_id, filename, file_path, file_size, cached_at, last_accessed, content_type,
        adopted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (build_id, filename) DO UPDATE SET adopted_at = excluded.adopted_at)sql";

} // namespace sql

std::vector<ForeignFile> listForeignFiles(Connection& connection)
{
    std::vector<ForeignFile> files;
    for (auto rows = connection.select(sql::kList); rows.next();)
        files.push_back({.build = rows->string(0),
                         .filename = rows->string(1),
                         .path = rows->string(2),
                         .size = rows->isNull(3) ? -1 : rows->integer(3),
                         .cachedAt = rows->time(4).value_or(Timestamp{}),
                         .adopted = rows->flag(5)});
    return files;
}

std::vector<ForeignFile> SqlForeignFileStore::list()
{
    return readers_.with([](Connection& connection) { return listForeignFiles(connection); });
}

void SqlForeignFileStore::adopt(const ForeignFile& file, const Artifact& artifact)
{
    writer_.run([&](Connection& connection) {
        connection.execute(sql::kAdd, artifact.build, artifact.filename, artifact.size, artifact.sha256,
                           artifact.contentType, artifact.storedAt);
        connection.execute(sql::kRemember, file.build, file.filename, file.path, artifact.size, file.cachedAt,
                           file.cachedAt, artifact.contentType, clock_.wall());
    });
}

} // namespace apbfarm::storage
