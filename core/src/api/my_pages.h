// SPDX-License-Identifier: MIT
#pragma once

#include "api/build_routes.h"
#include "api/page_site.h"
#include "service/build_service.h"
#include "service/session_service.h"
#include "service/user_service.h"

#include <apbfarm/http.h>

namespace apbfarm::api {

/// The pages of whoever is signed in: own builds, account and sessions; and the one to submit builds with.
class MyPages {
public:
    MyPages(const PageSite& site, service::SessionService& sessions, service::UserService& users,
            const service::BuildService& builds)
        : site_(site), sessions_(sessions), users_(users), builds_(builds)
    {
    }

    /// `maxUpload`: bytes of one submission.
    void declare(RouteTable& routes, std::uint64_t maxUpload);

private:
    void my(const HttpRequest& request, HttpResponse& response) const;
    void myPart(const HttpRequest& request, HttpResponse& response) const;
    void submit(const HttpRequest& request, HttpResponse& response) const;
    void preview(const HttpRequest& request, HttpResponse& response) const;
    void endSession(const HttpRequest& request, HttpResponse& response) const;

    View buildsOf(const HttpRequest& request) const;
    View sessionsOf(const Principal& who) const;

    const PageSite& site_;
    service::SessionService& sessions_;
    service::UserService& users_;
    const service::BuildService& builds_;
};

} // namespace apbfarm::api
