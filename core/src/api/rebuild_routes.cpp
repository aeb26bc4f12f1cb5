// SPDX-License-Identifier: MIT
#include "api/rebuild_routes.h"

#include "api/json_views.h"
#include "api/route_notes.h"
#include "util/text.h"

namespace apbfarm::api {

void RebuildRoutes::declare(RouteTable& routes)
{
    routes.add({.method = Method::Post, .pattern = "/build/{id}/rebuild", .access = Access::User,
                .handler = [this](const HttpRequest& request, HttpResponse& response) {
                    const auto& user = *request.principal();
                    response.json(200, rebuilds_.rebuild(util::oneLine(request.param("id"), 64), user, [&](const auto& submitted) {
                        return json::submitted(submitted, user);
                    }));
                },
                .summary = "Submit the sources of a build that has ended as a new build", .notes = notes::rebuild()});
}

} // namespace apbfarm::api
