// SPDX-License-Identifier: MIT
#pragma once

#include "files/log_store.h"
#include "files/log_stream.h"
#include "fleet/server_client.h"

namespace apbfarm::dispatch {

/// Takes the lines of a build's log that the farm does not have yet, in order, each once (D8).
class LogTail {
public:
    LogTail(files::LogStore& logs, files::LogStreamHub& streams) : logs_(logs), streams_(streams) {}

    enum class Progress { More, UpToDate, Gone, NoAnswer };
    /// One page. `More`: there may be another one at once.
    Progress pull(fleet::ServerClient& client, const BuildId& build);

private:
    static constexpr int kLinesPerPage = 1000;

    files::LogStore& logs_;
    files::LogStreamHub& streams_;
};

} // namespace apbfarm::dispatch
