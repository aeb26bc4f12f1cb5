// SPDX-License-Identifier: MIT
#pragma once

#include "api/build_filter.h"
#include "api/build_routes.h"
#include "api/template_store.h"
#include "files/log_outline.h"
#include "service/build_estimates.h"
#include "service/session_service.h"
#include "util/clock.h"

#include <apbfarm/http.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::api {

/// Where the pages find what they show. Everything outlives the pages.
struct PageContext {
    const fleet::Fleet& fleet;
    const service::BuildQueue& queue;
    const BuildReader& reader;
    BuildStore& store;
    UserStore& users;
    service::SessionService& sessions;
    files::LogStore& logs;
    const util::Clock& clock;
    Handler statusJson;              ///< answers `/build/{id}/status?format=json`
    std::string version;
    std::string publicUrl;           ///< as browsers see the farm; empty when not configured
    service::BuildEstimates& estimates;
    files::LogOutlines& outlines;
};

/// Names of accounts, each looked up once. For one page; not thread-safe.
class UserNames {
public:
    explicit UserNames(UserStore& users) : users_(users) {}

    /// Also a word for builds without an owner and for accounts that are gone.
    std::string of(const std::optional<UserId>& user);

private:
    UserStore& users_;
    std::map<UserId, std::string> known_;
};

/// The dashboard: servers by architecture, the queue, lists of builds.
class DashboardView {
public:
    DashboardView(const PageContext& context, const Principal* viewer);

    /// Servers and queue.
    View farm();
    /// One page of a list of builds, with what its filter form shows.
    View builds(const BuildFilter& filter);
    /// One server's card.
    View server(const fleet::ServerView& server);

private:
    std::vector<View> runningOn(const fleet::ServerView& server);
    std::vector<View> groups(const std::vector<fleet::ServerView>& servers);
    void addQueue(View& view, const std::vector<fleet::ServerView>& servers);
    service::QueueForecast forecast(const std::vector<fleet::ServerView>& servers);
    View waiting(const Build& build, const service::BuildQueue::Entry& entry, std::size_t position,
                 service::QueueForecast& forecast);
    void addUser(View& view, const Build& build);

    const PageContext& context_;
    const Principal* viewer_;
    const bool admin_;
    const Timestamp now_;
    UserNames names_;
};

/// The last results of packages by architecture: those of the builds that were submitted last, or one package's.
class PackagesView {
public:
    explicit PackagesView(const PageContext& context);

    /// Empty: all packages.
    View of(const std::string& package);

private:
    using Row = std::map<std::string, Build>;   ///< by architecture

    View matrix(const std::vector<std::string>& order, std::map<std::string, Row>& rows,
                const std::set<std::string>& architectures, const std::string& package);
    const Build* lastOf(const std::string& package, const std::string& architecture, Row& row);

    const PageContext& context_;
};

/// Name, architecture and state of a build, as every list shows them.
View briefly(const Build& build);

/// The page of one build.
class BuildView {
public:
    BuildView(const PageContext& context, const Principal* viewer);

    /// Throws NotFound ("build_not_found").
    View of(std::string_view id);
    /// The end of its log, as much as the viewer may see. For a build that was found.
    View logOf(const BuildId& id);

private:
    void addExcerpts(View& view, const Build& build);
    void addPhase(View& view, const Build& build);
    void addTimings(View& view, const Build& build);
    void addPlace(View& view, const json::BuildDetails& details);
    void addFiles(View& view, const json::BuildDetails& details);
    void addSiblings(View& view, const Build& build);
    void addAttempts(View& view, const Build& build);
    bool mayCancel(const Build& build) const;

    const PageContext& context_;
    const Principal* viewer_;
    const bool admin_;
    const Timestamp now_;
    UserNames names_;
};

/// The address for administrators, the short form for everybody else (Z4).
std::string serverName(const ServerId& id, const Principal* viewer);

} // namespace apbfarm::api
