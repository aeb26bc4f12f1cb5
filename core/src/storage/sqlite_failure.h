// SPDX-License-Identifier: MIT
#pragma once

struct sqlite3;

namespace apbfarm::storage {

/// Throws the SqlFailure for the last error of that handle.
[[noreturn]] void throwSqliteFailure(sqlite3* handle, int code);

/// Does nothing for SQLITE_OK.
inline void checkSqlite(sqlite3* handle, int code)
{
    if (code != 0)
        throwSqliteFailure(handle, code);
}

} // namespace apbfarm::storage
