// SPDX-License-Identifier: MIT
#include "storage/sql_artifact_index.h"

#include "storage/artifact_row.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kTotals = R"sql(
    SELECT (SELECT count(*) FROM artifacts), (SELECT sum(size) FROM (SELECT DISTINCT sha256, size FROM artifacts)),
        (SELECT min(stored_at) FROM artifacts))sql";

constexpr std::string_view kCountBefore = "SELECT count(*) FROM artifacts WHERE stored_at < $1";

constexpr std::string_view kOldest = R"sql(
    SELECT build_id, filename, size, sha256, content_type, stored_at FROM artifacts
    WHERE stored_at < $1 ORDER BY stored_at LIMIT $2)sql";

constexpr std::string_view kRemove = R"sql(
    DELETE FROM artifacts WHERE build_id = $1 AND filename = $2 AND sha256 = $3 AND NOT EXISTS (
        SELECT 1 FROM builds WHERE builds.id = artifacts.build_id
        AND state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling')))sql";

constexpr std::string_view kInUse = "SELECT 1 FROM artifacts WHERE sha256 = $1 LIMIT 1";

} // namespace sql

SqlArtifactIndex::SqlArtifactIndex(GroupCommit& writer, ReadPool& readers) : writer_(writer), readers_(readers) {}

ArtifactTotals SqlArtifactIndex::totals()
{
    return readers_.with([](Connection& connection) {
        auto row = connection.select(sql::kTotals);
        row.next();
        return ArtifactTotals{row->integer(0), row->integer(1), row->time(2)};
    });
}

std::int64_t SqlArtifactIndex::countStoredBefore(Timestamp time)
{
    return readers_.with([&](Connection& connection) {
        auto row = connection.select(sql::kCountBefore, time);
        row.next();
        return row->integer(0);
    });
}

std::vector<Artifact> SqlArtifactIndex::oldest(Timestamp storedBefore, int limit)
{
    return readers_.with([&](Connection& connection) {
        std::vector<Artifact> artifacts;
        for (auto rows = connection.select(sql::kOldest, storedBefore, limit); rows.next();)
            artifacts.push_back(readArtifact(rows.row()));
        return artifacts;
    });
}

std::int64_t SqlArtifactIndex::remove(const std::vector<Artifact>& artifacts)
{
    std::int64_t removed = 0;
    writer_.run([&](Connection& connection) {
        removed = 0;
        for (const auto& artifact : artifacts)
            removed += connection.execute(sql::kRemove, artifact.build, artifact.filename, artifact.sha256);
    });
    return removed;
}

std::vector<std::string> SqlArtifactIndex::inUse(const std::vector<std::string>& digests)
{
    return readers_.with([&](Connection& connection) {
        std::vector<std::string> used;
        for (const auto& digest : digests)
            if (connection.select(sql::kInUse, digest).next())
                used.push_back(digest);
        return used;
    });
}

} // namespace apbfarm::storage
