// SPDX-License-Identifier: MIT
#pragma once

#include "api/cache_routes.h"
#include "api/page_site.h"
#include "service/build_statistics.h"
#include "service/repository_service.h"
#include "service/server_care.h"
#include "service/user_service.h"
#include "util/task_board.h"

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::api {

/// An extension as administrators see it.
struct ExtensionCard {
    std::string name;                ///< "scheduler leastload"
    std::string plugin, version, summary;
    std::uint64_t calls = 0, failures = 0, slow = 0;
    std::string lastFailure;
    std::optional<Timestamp> lastFailureAt;
    struct Option {
        std::string name, value, help;
    };
    std::vector<Option> options;     ///< secrets are masked
};

/// A setting, its value in force, and where it comes from.
struct SettingRow {
    std::string group, key, value, origin, help;
    bool isDefault = true;
};

/// What the panel is made of, besides what all pages know. Everything outlives the pages.
struct AdminContext {
    service::UserService& users;
    service::ServerCare& care;
    service::StatisticsService& statistics;
    service::RepositoryService& repositories;
    const service::ArtifactRetention& retention;
    std::function<CacheFacts()> store;
    const util::TaskBoard& tasks;
    AuditStore& audit;
    std::function<std::vector<ExtensionCard>()> extensions;
    std::function<std::vector<SettingRow>()> settings;
    std::function<std::vector<std::string>()> warnings;   ///< sentences about what needs attention
};

/// The admin panel: one page per part, each with a live fragment, and what is done to build servers.
class AdminPages {
public:
    AdminPages(const PageSite& site, AdminContext context) : site_(site), context_(std::move(context)) {}

    void declare(RouteTable& routes);

private:
    using Maker = View (AdminPages::*)(const HttpRequest&) const;

    void part(RouteTable& routes, const char* name, const char* title, Maker maker);
    void declareServerActions(RouteTable& routes);

    View overview(const HttpRequest& request) const;
    View users(const HttpRequest& request) const;
    View mail(const HttpRequest& request) const;
    View servers(const HttpRequest& request) const;
    View store(const HttpRequest& request) const;
    View repositories(const HttpRequest& request) const;
    View tasks(const HttpRequest& request) const;
    View plugins(const HttpRequest& request) const;
    View audit(const HttpRequest& request) const;
    View settings(const HttpRequest& request) const;

    const PageSite& site_;
    const AdminContext context_;
};

} // namespace apbfarm::api
