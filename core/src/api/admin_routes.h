// SPDX-License-Identifier: MIT
#pragma once

#include "util/task_board.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// What administrators may look at: background work.
class AdminRoutes {
public:
    explicit AdminRoutes(const util::TaskBoard& tasks) : tasks_(tasks) {}

    void declare(RouteTable& routes);

private:
    void tasks(HttpResponse& response) const;

    const util::TaskBoard& tasks_;
};

} // namespace apbfarm::api
