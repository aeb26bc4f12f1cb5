// SPDX-License-Identifier: MIT
#include "storage/sqlite_failure.h"

#include "storage/sql_failure.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace apbfarm::storage {

namespace {

using Kind = SqlFailure::Kind;

Kind kindOf(int code, int systemError)
{
    switch (code & 0xff) {
    case SQLITE_FULL: return Kind::Full;
    case SQLITE_CONSTRAINT: return Kind::Constraint;
    case SQLITE_IOERR:
        // The shared-memory file could not grow; nothing was lost.
        if (systemError == ENOSPC || systemError == EDQUOT)
            return Kind::Full;
        return code == SQLITE_IOERR_NOMEM ? Kind::Passing : Kind::Broken;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN: return Kind::Broken;
    case SQLITE_ERROR:
    case SQLITE_AUTH:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return Kind::Statement;
    default: return Kind::Passing;
    }
}

int lastErrorOf(sqlite3_file* file)
{
    int error = 0;
    if (file && file->pMethods)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

/// What the system said of the file that could not be written. COMMIT does not leave it in sqlite3_system_errno().
int errorOfWriting(sqlite3* handle)
{
    for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
        sqlite3_file* file = nullptr;
        if (sqlite3_file_control(handle, "main", which, &file) == SQLITE_OK)
            if (const int error = lastErrorOf(file))
                return error;
    }
    return 0;
}

} // namespace

void throwSqliteFailure(sqlite3* handle, int code)
{
    const int extended = (sqlite3_extended_errcode(handle) & 0xff) == (code & 0xff) ? sqlite3_extended_errcode(handle)
                                                                                    : code;
    const int systemError = extended == SQLITE_IOERR_WRITE ? errorOfWriting(handle) : sqlite3_system_errno(handle);
    std::string what = sqlite3_errmsg(handle);
    if ((extended & 0xff) == SQLITE_IOERR && systemError != 0)
        what += std::string(" (") + std::strerror(systemError) + ")";
    throw SqlFailure(kindOf(extended, systemError), what);
}

} // namespace apbfarm::storage
