// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/fleet.h"
#include "service/build_queue.h"
#include "service/build_service.h"
#include "service/repository_service.h"
#include "util/json_writer.h"

#include <apbfarm/model.h>

#include <optional>
#include <string>
#include <vector>

/// The model as JSON, in the shapes that existing clients read, including what guests may not see.
namespace apbfarm::api::json {

/// Everything that a status answer is made of.
struct BuildDetails {
    Build build;
    std::vector<Artifact> artifacts;
    std::optional<service::BuildQueue::Place> place;   ///< while it waits in the farm
    std::string waitingReason;                         ///< same
    std::size_t logLines = 0;                          ///< lines the farm holds
    std::uint64_t logBytes = 0;
};

/// `POST /build` (client expectations 4.2).
std::string submitted(const service::Submitted& submitted, const Principal& user);
/// The body of the refusal when nothing could be queued, as documented; the common error members are added later.
std::string nothingQueued(const service::NothingQueued& refusal);

/// Refusals of the submission itself, as existing clients know them.
std::string noValidArchitectures(const service::NoValidArchitectures& refusal);
std::string invalidRepositories(const service::UnknownRepositories& refusal);

/// `GET /build/{id}/status?format=json`. The server's address is short for everyone here.
std::string status(const BuildDetails& details);
/// One entry of a list of builds. Times are epoch seconds, or texts where clients know them as such.
enum class Times { Epoch, Text };
void listed(util::JsonWriter& out, const Build& build, Times times, bool realAddress);

std::string cancelled(const service::CancelOutcome& outcome);
/// `GET /farm` for a guest, a user or an administrator.
std::string farm(const std::vector<fleet::ServerView>& servers, const std::vector<std::string>& architectures,
                 const Principal* viewer, std::string_view version);

/// Bytes that an ended build needed at most; empty when its server did not say so, or nonsense.
std::optional<std::int64_t> peakMemory(const Build& build);

/// "name", "name (ver-rel)" or "name (epoch:ver-rel)".
std::string displayName(const Build& build);

} // namespace apbfarm::api::json
