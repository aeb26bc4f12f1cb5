// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <apbfarm/model.h>

#include <string_view>

namespace apbfarm::storage {

/// The columns that `readBuild` expects, in its order.
inline constexpr std::string_view kBuildColumns =
    "id, sequence, revision, state, status, pkgname, epoch, pkgver, pkgrel, server_arch, any_architecture, "
    "pkgnames, pkgbuild_arches, submission_group, user_id, payload, queue_position, build_timeout, created_at, "
    "start_time, end_time, attempt, uncertain, ending, server_url, refused_by, reason, cached_response, "
    "last_status_update, server_available, artifacts_given_up, extra_repos";

/// A build from a row of those columns. Rows of an existing farm read as well: unknown words become `Failed`.
Build readBuild(const Statement& row);

/// Writes a new row.
void insertBuild(Connection& connection, const Build& build);

/// Writes what changes in a build's life, if state and revision are still `from` and `fromRevision`; false otherwise.
/// What is settled at submission is written only when it differs, because its indexes cost more than all the rest.
bool updateBuild(Connection& connection, BuildState from, std::int64_t fromRevision, const Build& after);

} // namespace apbfarm::storage
