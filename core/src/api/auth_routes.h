// SPDX-License-Identifier: MIT
#pragma once

#include "service/session_service.h"
#include "util/json_writer.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// Log-in, log-out and "who am I", in the shapes that existing clients read.
class AuthRoutes {
public:
    explicit AuthRoutes(service::SessionService& sessions) : sessions_(sessions) {}

    void declare(RouteTable& routes);

private:
    void login(const HttpRequest& request, HttpResponse& response);
    void logout(const HttpRequest& request, HttpResponse& response);
    void logoutPage(const HttpRequest& request, HttpResponse& response);
    void me(const HttpRequest& request, HttpResponse& response);

    service::SessionService& sessions_;
};

/// How a log-in with this request reached the farm: directly, or with signs of a proxy between.
service::Arrival arrivalOf(const HttpRequest& request);

/// The members of an account, without the brackets: id, username, role, created_at, last_login, email.
void writeAccount(util::JsonWriter& json, const User& user);

} // namespace apbfarm::api
