// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/test_allowance.h"
#include "mail_sender.h"
#include "smtp_settings.h"

#include <apbfarm/context.h>
#include <apbfarm/http_module.h>

namespace smtp {

/// Shows, sets, removes and tries the mail server. For administrators only. Passwords go in, never out.
class SmtpRoutes final : public apbfarm::HttpModule {
public:
    SmtpRoutes(apbfarm::ExtensionContext& context, MailOptions options);

    std::string mountPoint() const override { return "/admin/smtp"; }
    void declare(apbfarm::RouteTable& routes) override;

private:
    void show(apbfarm::HttpResponse& response);
    void save(const apbfarm::HttpRequest& request, apbfarm::HttpResponse& response);
    void remove(const apbfarm::HttpRequest& request, apbfarm::HttpResponse& response);
    void record(const char* action, const std::string& result, const apbfarm::HttpRequest& request);
    void test(const apbfarm::HttpRequest& request, apbfarm::HttpResponse& response);

    SmtpSettings settings_;
    apbfarm::AuditStore& audit_;
    MailOptions options_;
    Poco::Logger& logger_;
    shared::TestAllowance allowance_;
};

} // namespace smtp
