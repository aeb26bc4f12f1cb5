// SPDX-License-Identifier: MIT
#pragma once

#include "service/rebuild_service.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// Building once more what was built before.
class RebuildRoutes {
public:
    explicit RebuildRoutes(service::RebuildService& rebuilds) : rebuilds_(rebuilds) {}

    void declare(RouteTable& routes);

private:
    service::RebuildService& rebuilds_;
};

} // namespace apbfarm::api
