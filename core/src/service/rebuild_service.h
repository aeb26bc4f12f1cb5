// SPDX-License-Identifier: MIT
#pragma once

#include "service/build_service.h"
#include "service/payloads.h"

namespace apbfarm::service {

/// Builds once more what was built before, from the sources as they were uploaded.
class RebuildService {
public:
    RebuildService(BuildService& builds, BuildLedger& ledger, Payloads& payloads)
        : builds_(builds), ledger_(ledger), payloads_(payloads)
    {
    }

    /// A new build of the same architecture, owned by who asks. Throws what `BuildService::submit` throws, `NotFound`
    /// for an unknown build ("build_not_found") and for sources that are not kept any more ("payload_missing"),
    /// `Forbidden` for somebody else's build, `Conflict` ("build_not_ended").
    std::string rebuild(const BuildId& id, const Principal& user, const BuildService::Render& render);

    /// Whether it would be tried; the sources may be gone all the same.
    static bool may(const Build& build, const Principal* user);

private:
    BuildService& builds_;
    BuildLedger& ledger_;
    Payloads& payloads_;
};

} // namespace apbfarm::service
