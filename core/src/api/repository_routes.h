// SPDX-License-Identifier: MIT
#pragma once

#include "service/repository_service.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// Custom pacman repositories, for administrators.
class RepositoryRoutes {
public:
    explicit RepositoryRoutes(service::RepositoryService& repositories) : repositories_(repositories) {}

    void declare(RouteTable& routes);

private:
    void list(const HttpRequest& request, HttpResponse& response);
    void create(const HttpRequest& request, HttpResponse& response);
    void update(const HttpRequest& request, HttpResponse& response);
    void remove(const HttpRequest& request, HttpResponse& response);

    service::RepositoryService& repositories_;
};

} // namespace apbfarm::api
