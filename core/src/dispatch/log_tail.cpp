// SPDX-License-Identifier: MIT
#include "dispatch/log_tail.h"

namespace apbfarm::dispatch {

LogTail::Progress LogTail::pull(fleet::ServerClient& client, const BuildId& build)
{
    const auto have = logs_.lineCount(build);
    const auto answer = client.output(build, have, kLinesPerPage);
    if (std::holds_alternative<fleet::BuildNotKnown>(answer))
        return Progress::Gone;
    const auto* page = std::get_if<fleet::OutputPage>(&answer);
    if (!page)
        return Progress::NoAnswer;
    // A server that dropped its oldest lines counts from anew; what it still has cannot be placed any more.
    if (page->lines.empty() || page->start != have)
        return Progress::UpToDate;
    const auto stored = logs_.append(build, have, page->lines);
    streams_.appended(build);
    // A log that is full takes no more, however much the server still has.
    return stored > have && stored < page->total ? Progress::More : Progress::UpToDate;
}

} // namespace apbfarm::dispatch
