// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/fleet.h"

#include <apbfarm/http.h>

#include <functional>
#include <string>
#include <vector>

namespace apbfarm::api {

/// One part of the daemon and whether it works, for `/ready`.
struct Readiness {
    std::string component;
    bool ready = true;
    std::string detail;              ///< a sentence when it is not
};

/// The farm as a whole: its servers, whether it lives, whether it is ready.
class FarmRoutes {
public:
    FarmRoutes(const fleet::Fleet& fleet, std::string version, std::function<std::vector<Readiness>()> readiness);

    void declare(RouteTable& routes);

private:
    void farm(const HttpRequest& request, HttpResponse& response) const;
    void ready(HttpResponse& response) const;

    const fleet::Fleet& fleet_;
    std::string version_;
    std::string health_;             ///< rendered once
    std::function<std::vector<Readiness>()> readiness_;
};

} // namespace apbfarm::api
