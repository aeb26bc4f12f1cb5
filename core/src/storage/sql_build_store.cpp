// SPDX-License-Identifier: MIT
#include "storage/sql_build_store.h"

#include "storage/artifact_row.h"
#include "storage/build_list_sql.h"
#include "storage/build_row.h"
#include "storage/outbox_row.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kLastSequence = "SELECT max(sequence) FROM builds";

// Nothing is changed when the key is taken: the WHERE clause lets only a forgotten record be replaced.
constexpr std::string_view kTakeKey = R"sql(
    INSERT INTO idempotency (user_id, key, body_digest, answer, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (user_id, key) DO UPDATE
    SET body_digest = excluded.body_digest, answer = excluded.answer, created_at = excluded.created_at
    WHERE idempotency.created_at <= $6)sql";

constexpr std::string_view kFindKey = R"sql(
    SELECT body_digest, answer, created_at FROM idempotency
    WHERE user_id = $1 AND key = $2 AND created_at > $3)sql";

constexpr std::string_view kForgetKeys = "DELETE FROM idempotency WHERE created_at <= $1";

constexpr std::string_view kAddPayload = R"sql(
    INSERT INTO payloads (digest, bytes, created_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING)sql";

constexpr std::string_view kFindPayload = "SELECT bytes FROM payloads WHERE digest = $1";

constexpr std::string_view kRemovePayloads = R"sql(
    DELETE FROM payloads WHERE created_at < $1 AND NOT EXISTS (
        SELECT 1 FROM builds WHERE builds.payload = payloads.digest
        AND state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling')))sql";

constexpr std::string_view kPayloadInUse = R"sql(
    SELECT 1 FROM builds WHERE payload = $1
    AND state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling') LIMIT 1)sql";

constexpr std::string_view kPutAttempt = R"sql(
    INSERT INTO build_attempts (build_id, number, server_url, started_at, ended_at, outcome)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (build_id, number) DO UPDATE SET server_url = excluded.server_url,
        started_at = excluded.started_at, ended_at = excluded.ended_at, outcome = excluded.outcome)sql";

constexpr std::string_view kAttempts = R"sql(
    SELECT number, server_url, started_at, ended_at, outcome FROM build_attempts
    WHERE build_id = $1 ORDER BY number)sql";

constexpr std::string_view kPutArtifact = R"sql(
    INSERT INTO artifacts (build_id, filename, size, sha256, content_type, stored_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (build_id, filename) DO UPDATE SET size = excluded.size, sha256 = excluded.sha256,
        content_type = excluded.content_type, stored_at = excluded.stored_at)sql";

constexpr std::string_view kArtifacts = R"sql(
    SELECT build_id, filename, size, sha256, content_type, stored_at FROM artifacts
    WHERE build_id = $1 ORDER BY filename)sql";

constexpr std::string_view kArtifact = R"sql(
    SELECT build_id, filename, size, sha256, content_type, stored_at FROM artifacts
    WHERE build_id = $1 AND filename = $2)sql";

constexpr std::string_view kTally = R"sql(
    SELECT CAST(created_at / 86400 AS INTEGER), coalesce(server_url, ''), coalesce(server_arch, ''), user_id, status,
           count(*), count(start_time), count(CASE WHEN start_time IS NOT NULL THEN end_time END),
           CAST(coalesce(sum(max(0, start_time - created_at)), 0) * 1000 AS INTEGER),
           CAST(coalesce(sum(max(0, end_time - start_time)), 0) * 1000 AS INTEGER)
    FROM builds WHERE created_at >= $1 GROUP BY 1, 2, 3, 4, 5)sql";

} // namespace sql

namespace {

constexpr auto kIdempotencyLifetime = std::chrono::hours(24);

void takeKey(Connection& connection, const IdempotencyRecord& record)
{
    const auto taken = connection.execute(sql::kTakeKey, record.user, record.key, record.bodyDigest, record.answer,
                                          record.createdAt, record.createdAt - kIdempotencyLifetime);
    if (taken == 0)
        throw Conflict("This idempotency key was used before", "idempotency_key_taken");
}

void putAttempt(Connection& connection, const Attempt& attempt)
{
    connection.execute(sql::kPutAttempt, attempt.build, attempt.number, attempt.server, attempt.startedAt,
                       attempt.endedAt, attempt.outcome);
}

void putArtifact(Connection& connection, const Artifact& artifact)
{
    connection.execute(sql::kPutArtifact, artifact.build, artifact.filename, artifact.size, artifact.sha256,
                       artifact.contentType, artifact.storedAt);
}

std::vector<Build> readAll(Query rows)
{
    std::vector<Build> builds;
    while (rows.next())
        builds.push_back(readBuild(rows.row()));
    return builds;
}

} // namespace

SqlBuildStore::SqlBuildStore(GroupCommit& writer, ReadPool& readers, const util::Clock& clock)
    : writer_(writer), readers_(readers), clock_(clock)
{
}

std::int64_t SqlBuildStore::nextSequence(Connection& connection)
{
    if (!lastSequence_) {
        auto last = connection.select(sql::kLastSequence);
        last.next();
        lastSequence_ = last->integer(0);
    }
    // Gaps, left by what was undone, do no harm.
    return ++*lastSequence_;
}

std::vector<Build> SqlBuildStore::submit(const Submission& submission)
{
    std::vector<Build> builds;
    writer_.run([&](Connection& connection) {
        if (submission.idempotency)
            takeKey(connection, *submission.idempotency);
        builds = submission.builds;
        for (Build& build : builds) {
            build.sequence = nextSequence(connection);
            insertBuild(connection, build);
        }
        if (submission.inlinePayload)
            connection.execute(sql::kAddPayload, submission.payloadDigest, Blob{*submission.inlinePayload},
                               clock_.wall());
    });
    return builds;
}

bool SqlBuildStore::change(const BuildChange& change)
{
    if (isFinal(change.from) && change.after.state != change.from)
        return false;   // D5
    bool happened = false;
    writer_.run([&](Connection& connection) {
        happened = updateBuild(connection, change.from, change.fromRevision, change.after);
        if (!happened)
            return;
        if (change.attempt)
            putAttempt(connection, *change.attempt);
        for (const Artifact& artifact : change.artifacts)
            putArtifact(connection, artifact);
        for (const Notification& notification : change.notifications)
            insertNotification(connection, notification);
    });
    return happened;
}

std::optional<Build> SqlBuildStore::find(const BuildId& id)
{
    return readers_.with([&](Connection& connection) -> std::optional<Build> {
        auto rows = connection.select(findBuildSql(), id);
        return rows.next() ? std::optional(readBuild(rows.row())) : std::nullopt;
    });
}

std::vector<Build> SqlBuildStore::list(const BuildQuery& query)
{
    const BuildListSql sql(query);
    return readers_.with([&](Connection& connection) {
        return readAll(connection.selectWith(sql.page(), sql.pageValues()));
    });
}

std::int64_t SqlBuildStore::count(const BuildQuery& query)
{
    const BuildListSql sql(query);
    return readers_.with([&](Connection& connection) {
        auto rows = connection.selectWith(sql.count(), sql.countValues());
        rows.next();
        return rows->integer(0);
    });
}

std::vector<Build> SqlBuildStore::latestByArchitecture(const std::string& pkgname, bool completedOnly)
{
    return readers_.with([&](Connection& connection) {
        return readAll(connection.select(latestByArchitectureSql(completedOnly), pkgname));
    });
}

std::vector<TalliedBuilds> SqlBuildStore::tally(Timestamp since)
{
    constexpr double kMilliseconds = 1000;
    return readers_.with([&](Connection& connection) {
        std::vector<TalliedBuilds> tallies;
        for (auto rows = connection.select(sql::kTally, since); rows.next();)
            tallies.push_back({.day = rows->integer(0),
                               .server = rows->string(1),
                               .architecture = rows->string(2),
                               .owner = rows->isNull(3) ? std::nullopt : std::optional<UserId>(rows->integer(3)),
                               .status = buildStatusFromText(rows->string(4)).value_or(BuildStatus::Failed),
                               .builds = rows->integer(5),
                               .started = rows->integer(6),
                               .ended = rows->integer(7),
                               .waited = static_cast<double>(rows->integer(8)) / kMilliseconds,
                               .built = static_cast<double>(rows->integer(9)) / kMilliseconds});
        return tallies;
    });
}

std::vector<Build> SqlBuildStore::listLive()
{
    return readers_.with([](Connection& connection) { return readAll(connection.select(liveBuildsSql())); });
}

std::vector<Attempt> SqlBuildStore::attempts(const BuildId& id)
{
    return readers_.with([&](Connection& connection) {
        std::vector<Attempt> attempts;
        for (auto rows = connection.select(sql::kAttempts, id); rows.next();)
            attempts.push_back({.build = id,
                                .number = static_cast<int>(rows->integer(0)),
                                .server = rows->string(1),
                                .startedAt = rows->time(2).value_or(Timestamp{}),
                                .endedAt = rows->time(3),
                                .outcome = rows->string(4)});
        return attempts;
    });
}

std::vector<Artifact> SqlBuildStore::artifacts(const BuildId& id)
{
    return readers_.with([&](Connection& connection) {
        std::vector<Artifact> artifacts;
        for (auto rows = connection.select(sql::kArtifacts, id); rows.next();)
            artifacts.push_back(readArtifact(rows.row()));
        return artifacts;
    });
}

std::optional<Artifact> SqlBuildStore::findArtifact(const BuildId& id, const std::string& filename)
{
    return readers_.with([&](Connection& connection) -> std::optional<Artifact> {
        auto rows = connection.select(sql::kArtifact, id, filename);
        return rows.next() ? std::optional(readArtifact(rows.row())) : std::nullopt;
    });
}

std::optional<std::string> SqlBuildStore::inlinePayload(const std::string& digest)
{
    return readers_.with([&](Connection& connection) -> std::optional<std::string> {
        auto rows = connection.select(sql::kFindPayload, digest);
        return rows.next() ? std::optional(rows->string(0)) : std::nullopt;
    });
}

void SqlBuildStore::removeUnusedPayloads(Timestamp before)
{
    writer_.run([&](Connection& connection) {
        connection.execute(sql::kRemovePayloads, before);
        connection.execute(sql::kForgetKeys, clock_.wall() - kIdempotencyLifetime);
    });
}

std::vector<std::string> SqlBuildStore::payloadsInUse(const std::vector<std::string>& digests)
{
    return readers_.with([&](Connection& connection) {
        std::vector<std::string> used;
        for (const auto& digest : digests)
            if (connection.select(sql::kPayloadInUse, digest).next())
                used.push_back(digest);
        return used;
    });
}

std::optional<IdempotencyRecord> SqlBuildStore::findIdempotent(UserId user, const std::string& key)
{
    return readers_.with([&](Connection& connection) -> std::optional<IdempotencyRecord> {
        auto rows = connection.select(sql::kFindKey, user, key, clock_.wall() - kIdempotencyLifetime);
        if (!rows.next())
            return std::nullopt;
        return IdempotencyRecord{.user = user,
                                 .key = key,
                                 .bodyDigest = rows->string(0),
                                 .answer = rows->string(1),
                                 .createdAt = rows->time(2).value_or(Timestamp{})};
    });
}

} // namespace apbfarm::storage
