// SPDX-License-Identifier: MIT
#include "storage/sql_storage.h"

namespace apbfarm::storage {

SqlStorage::SqlStorage(SqlConnections connections, const util::Clock& clock)
    : writer_(std::move(connections.writer)),
      readers_(std::move(connections.readers)),
      backup_(std::move(connections.backup)),
      builds_(writer_, readers_, clock),
      foreignFiles_(writer_, readers_, clock),
      artifacts_(writer_, readers_),
      repositories_(writer_, readers_),
      users_(writer_, readers_),
      tokens_(writer_, readers_),
      settings_(writer_, readers_),
      outbox_(writer_, readers_),
      audit_(writer_, readers_),
      tables_(writer_, readers_, clock)
{
}

void SqlStorage::backupTo(const std::string& path)
{
    try {
        backup_(path);
    } catch (const SqlFailure&) {
        std::rethrow_exception(asSdkError(std::current_exception()));
    }
}

} // namespace apbfarm::storage
