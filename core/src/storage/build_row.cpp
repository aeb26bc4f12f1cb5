// SPDX-License-Identifier: MIT
#include "storage/build_row.h"

#include "storage/text_list.h"

namespace apbfarm::storage {

namespace sql {

constexpr std::string_view kInsert = R"sql(
    INSERT INTO builds (id, sequence, revision, state, status, pkgname, epoch, pkgver, pkgrel, server_arch,
        any_architecture, pkgnames, pkgbuild_arches, submission_group, user_id, payload, queue_position, build_timeout,
        created_at, start_time, end_time, attempt, uncertain, ending, server_url, refused_by, reason, cached_response,
        last_status_update, server_available, artifacts_given_up, last_known_status, extra_repos)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $28, $29, $30, $31, $32, $33))sql";

constexpr std::string_view kUpdate = R"sql(
    UPDATE builds SET revision = $1, state = $2, status = $3, start_time = $4, end_time = $5, attempt = $6,
        uncertain = $7, ending = $8, server_url = $9, refused_by = $10, reason = $11, cached_response = $12,
        last_status_update = $13, server_available = $14, artifacts_given_up = $15, last_known_status = $16
    WHERE id = $17 AND state = $18 AND revision = $19)sql";

constexpr std::string_view kUpdateSettled = R"sql(
    UPDATE builds SET pkgname = $1, epoch = $2, pkgver = $3, pkgrel = $4, server_arch = $5, any_architecture = $6,
        pkgnames = $7, pkgbuild_arches = $8, submission_group = $9, user_id = $10, payload = $11,
        queue_position = $12, build_timeout = $13, created_at = $14
    WHERE id = $15 AND (pkgname, epoch, pkgver, pkgrel, server_arch, any_architecture, pkgnames, pkgbuild_arches,
        submission_group, user_id, payload, queue_position, build_timeout, created_at)
        IS DISTINCT FROM ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))sql";

} // namespace sql

namespace {

/// The places of `kBuildColumns`.
enum Column {
    Id, Sequence, Revision, State, Status, PkgName, Epoch, PkgVer, PkgRel, Architecture, AnyArchitecture, PkgNames,
    PkgbuildArches, Group, Owner, Payload, QueuePosition, Timeout, CreatedAt, StartedAt, EndedAt, AttemptNumber,
    Uncertain, Ending, Server, RefusedBy, Reason, ServerRecord, LastStatusUpdate, ServerAvailable, ArtifactsGivenUp,
    ExtraRepositories
};

BuildState stateOf(const Statement& row)
{
    if (const auto state = buildStateFromText(row.text(State)))
        return *state;
    // A row that another program wrote after the migration; the next start adopts it.
    return buildStateFromText(row.text(Status)).value_or(BuildState::Failed);
}

void readSettled(const Statement& row, Build& build)
{
    build.pkgname = row.string(PkgName);
    build.epoch = row.string(Epoch);
    build.pkgver = row.string(PkgVer);
    build.pkgrel = row.string(PkgRel);
    build.architecture = row.string(Architecture);
    build.anyArchitecture = row.flag(AnyArchitecture);
    build.pkgnames = decodeList(row.text(PkgNames));
    build.pkgbuildArchitectures = decodeList(row.text(PkgbuildArches));
    build.submissionGroup = row.string(Group);
    if (!row.isNull(Owner))
        build.owner = row.integer(Owner);
    build.payload = row.string(Payload);
    build.extraRepositories = row.string(ExtraRepositories);
    build.queuePosition = row.integer(QueuePosition);
    if (!row.isNull(Timeout))
        build.timeout = std::chrono::seconds(row.integer(Timeout));
    build.createdAt = row.time(CreatedAt).value_or(Timestamp{});
}

} // namespace

Build readBuild(const Statement& row)
{
    Build build;
    build.id = row.string(Id);
    build.sequence = row.integer(Sequence);
    build.revision = row.integer(Revision);
    build.state = stateOf(row);
    readSettled(row, build);
    build.startedAt = row.time(StartedAt);
    build.endedAt = row.time(EndedAt);
    build.attempt = static_cast<int>(row.integer(AttemptNumber));
    build.uncertain = row.flag(Uncertain);
    build.ending = buildStatusFromText(row.text(Ending));
    if (!row.text(Server).empty())
        build.server = row.string(Server);
    build.refusedBy = decodeList(row.text(RefusedBy));
    build.reason = row.string(Reason);
    build.serverRecord = row.string(ServerRecord);
    build.lastStatusUpdate = row.time(LastStatusUpdate);
    build.serverAvailable = row.isNull(ServerAvailable) || row.flag(ServerAvailable);
    build.artifactsGivenUp = row.flag(ArtifactsGivenUp);
    return build;
}

void insertBuild(Connection& connection, const Build& build)
{
    const auto status = toText(statusOf(build.state));
    const auto ending = build.ending ? toText(*build.ending) : std::string_view();
    connection.execute(sql::kInsert, build.id, build.sequence, build.revision, toText(build.state), status,
                       build.pkgname, textOrNull(build.epoch), textOrNull(build.pkgver), textOrNull(build.pkgrel),
                       build.architecture, build.anyArchitecture, textOrNull(encodeList(build.pkgnames)),
                       textOrNull(encodeList(build.pkgbuildArchitectures)), textOrNull(build.submissionGroup),
                       build.owner, textOrNull(build.payload), build.queuePosition, build.timeout.count(),
                       build.createdAt, build.startedAt, build.endedAt, build.attempt, build.uncertain,
                       textOrNull(ending), build.server, textOrNull(encodeList(build.refusedBy)),
                       textOrNull(build.reason), textOrNull(build.serverRecord), build.lastStatusUpdate,
                       build.serverAvailable, build.artifactsGivenUp, status,
                       textOrNull(build.extraRepositories));
}

bool updateBuild(Connection& connection, BuildState from, std::int64_t fromRevision, const Build& after)
{
    const auto status = toText(statusOf(after.state));
    const auto ending = after.ending ? toText(*after.ending) : std::string_view();
    const auto changed = connection.execute(
        sql::kUpdate, fromRevision + 1, toText(after.state), status, after.startedAt, after.endedAt, after.attempt,
        after.uncertain, textOrNull(ending), after.server, textOrNull(encodeList(after.refusedBy)),
        textOrNull(after.reason), textOrNull(after.serverRecord), after.lastStatusUpdate, after.serverAvailable,
        after.artifactsGivenUp, status, after.id, toText(from), fromRevision);
    if (changed != 1)
        return false;
    connection.execute(sql::kUpdateSettled, after.pkgname, textOrNull(after.epoch), textOrNull(after.pkgver),
                       textOrNull(after.pkgrel), after.architecture, after.anyArchitecture,
                       textOrNull(encodeList(after.pkgnames)), textOrNull(encodeList(after.pkgbuildArchitectures)),
                       textOrNull(after.submissionGroup), after.owner, textOrNull(after.payload), after.queuePosition,
                       after.timeout.count(), after.createdAt, after.id);
    return true;
}

} // namespace apbfarm::storage
