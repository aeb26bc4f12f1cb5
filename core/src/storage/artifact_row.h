// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <apbfarm/model.h>

namespace apbfarm::storage {

/// From a row of build_id, filename, size, sha256, content_type, stored_at.
inline Artifact readArtifact(const Statement& row)
{
    return {.build = row.string(0),
            .filename = row.string(1),
            .size = row.integer(2),
            .sha256 = row.string(3),
            .contentType = row.string(4),
            .storedAt = row.time(5).value_or(Timestamp{})};
}

} // namespace apbfarm::storage
