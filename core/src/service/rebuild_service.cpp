// SPDX-License-Identifier: MIT
#include "service/rebuild_service.h"

#include <apbfarm/errors.h>

namespace apbfarm::service {

bool RebuildService::may(const Build& build, const Principal* user)
{
    return user && isFinal(build.state) && !build.payload.empty()
           && (user->role == Role::Admin || build.owner == user->id);
}

std::string RebuildService::rebuild(const BuildId& id, const Principal& user, const BuildService::Render& render)
{
    const auto before = ledger_.find(id);
    if (!before)
        throw NotFound("Build with ID '" + id + "' not found", "build_not_found", "Build not found");
    if (user.role != Role::Admin && before->owner != user.id)
        throw Forbidden("Only the owner of a build and administrators can have it built again");
    if (!isFinal(before->state))
        throw Conflict("The build has not ended yet", "build_not_ended");
    if (before->payload.empty())
        throw NotFound("The sources of this build are not kept by the farm", "payload_missing");
    const auto payload = payloads_.open(before->payload);
    SubmitRequest request;
    request.user = user;
    request.tarball = UploadedFile{"sources.tar.gz", payload.bytes, payload.bytes.empty() ? payload.file.get() : -1,
                                   payload.size};
    if (!before->anyArchitecture)
        request.architectures = before->architecture;
    // Only administrators choose time limits, so only they take one over.
    if (user.role == Role::Admin)
        request.timeout = std::to_string(before->timeout.count());
    return builds_.submit(request, render);
}

} // namespace apbfarm::service
