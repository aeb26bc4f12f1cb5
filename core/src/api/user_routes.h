// SPDX-License-Identifier: MIT
#pragma once

#include "service/user_service.h"

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

namespace apbfarm::api {

/// Accounts: everybody's for administrators, one's own for its owner.
class UserRoutes {
public:
    UserRoutes(service::UserService& users, BuildStore& builds) : users_(users), builds_(builds) {}

    void declare(RouteTable& routes);

private:
    void declareForAdmins(RouteTable& routes);
    void declareForOwners(RouteTable& routes);

    void list(const HttpRequest& request, HttpResponse& response);
    void create(const HttpRequest& request, HttpResponse& response);
    void remove(const HttpRequest& request, HttpResponse& response);
    void setRole(const HttpRequest& request, HttpResponse& response);
    void setEmail(const HttpRequest& request, HttpResponse& response);
    void setMyEmail(const HttpRequest& request, HttpResponse& response);
    void setNotifications(const HttpRequest& request, HttpResponse& response);
    void setMyNotifications(const HttpRequest& request, HttpResponse& response);
    void revokeTokens(const HttpRequest& request, HttpResponse& response);
    void builds(const HttpRequest& request, HttpResponse& response);
    void changePassword(const HttpRequest& request, HttpResponse& response);

    service::UserService& users_;
    BuildStore& builds_;
};

} // namespace apbfarm::api
