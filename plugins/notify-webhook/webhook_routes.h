// SPDX-License-Identifier: MIT
#pragma once

#include "../shared/test_allowance.h"
#include "hook_desk.h"

#include <apbfarm/http_module.h>

#include <memory>

namespace webhook {

/// Shows administrators how the targets do and what they refused, and sends test messages. Never shows URLs, secrets
/// and tokens.
class WebhookRoutes final : public apbfarm::HttpModule {
public:
    explicit WebhookRoutes(std::shared_ptr<HookDesk> desk) : desk_(std::move(desk)) {}

    std::string mountPoint() const override { return "/admin/webhooks"; }
    void declare(apbfarm::RouteTable& routes) override;

private:
    void show(apbfarm::HttpResponse& response);
    void test(const apbfarm::HttpRequest& request, apbfarm::HttpResponse& response);

    std::shared_ptr<HookDesk> desk_;
    shared::TestAllowance allowance_;
};

} // namespace webhook
