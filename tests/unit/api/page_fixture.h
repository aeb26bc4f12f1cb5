// SPDX-License-Identifier: MIT
#pragma once

#include "api/feed_routes.h"
#include "api/page_routes.h"
#include "http/form_reader.h"
#include "http/router.h"
#include "http/target.h"
#include "util/secrets.h"

#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/memory_http.h"
#include "support/temp_dir.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace apbfarm::test {

/// Builds that keep the contract of `BuildStore` as far as pages read them.
class MemoryBuildStore final : public BuildStore {
public:
    std::vector<Build> submit(const Submission& submission) override
    {
        auto added = submission.builds;
        for (auto& build : added) {
            build.sequence = static_cast<std::int64_t>(builds.size()) + 1;
            builds.push_back(build);
        }
        return added;
    }
    bool change(const BuildChange& change) override
    {
        for (auto& build : builds)
            if (build.id == change.after.id && build.revision == change.fromRevision) {
                build = change.after;
                build.revision = change.fromRevision + 1;
                return true;
            }
        return false;
    }
    std::optional<Build> find(const BuildId& id) override
    {
        const auto found = std::ranges::find(builds, id, &Build::id);
        return found == builds.end() ? std::nullopt : std::optional(*found);
    }
    std::vector<Build> list(const BuildQuery& query) override
    {
        std::vector<Build> all;
        for (auto build = builds.rbegin(); build != builds.rend(); ++build)
            if (matches(query, *build))
                all.push_back(*build);
        const auto from = std::min<std::size_t>(all.size(), query.offset);
        const auto to = std::min<std::size_t>(all.size(), from + query.limit);
        return {all.begin() + from, all.begin() + to};
    }
    static bool matches(const BuildQuery& query, const Build& build)
    {
        return (!query.submissionGroup || build.submissionGroup == *query.submissionGroup)
               && (!query.status || statusOf(build.state) == *query.status)
               && (!query.pkgname || build.pkgname == *query.pkgname)
               && (!query.architecture || build.architecture == *query.architecture)
               && (!query.owner || build.owner == query.owner);
    }
    std::int64_t count(const BuildQuery& query) override { return static_cast<std::int64_t>(list(query).size()); }
    std::vector<Build> latestByArchitecture(const std::string&, bool) override { return {}; }
    std::vector<Build> listLive() override { return builds; }
    std::vector<Attempt> attempts(const BuildId&) override { return tries; }
    std::vector<Artifact> artifacts(const BuildId& id) override
    {
        std::vector<Artifact> of;
        std::ranges::copy_if(files, std::back_inserter(of), [&](const Artifact& file) { return file.build == id; });
        return of;
    }
    std::optional<Artifact> findArtifact(const BuildId& id, const std::string& filename) override
    {
        for (const auto& file : artifacts(id))
            if (file.filename == filename)
                return file;
        return std::nullopt;
    }
    std::optional<std::string> inlinePayload(const std::string&) override { return std::nullopt; }
    void removeUnusedPayloads(Timestamp) override {}
    std::vector<std::string> payloadsInUse(const std::vector<std::string>&) override { return {}; }
    std::optional<IdempotencyRecord> findIdempotent(UserId, const std::string&) override { return std::nullopt; }

    std::vector<Build> builds;
    std::vector<Artifact> files;
    std::vector<Attempt> tries;
};

/// A request with the parts of an urlencoded form, as the server makes them.
class FormRequest final : public HttpRequest {
public:
    FormRequest(MemoryRequest head, std::string_view body)
        : head_(std::move(head)), parts_(http::parseUrlencodedForm(body))
    {
    }

    std::string_view method() const override { return head_.method(); }
    std::string_view target() const override { return head_.target(); }
    std::string_view param(std::string_view name) const override { return head_.param(name); }
    std::optional<std::string_view> query(std::string_view name) const override { return head_.query(name); }
    std::optional<std::string_view> header(std::string_view name) const override { return head_.header(name); }
    std::string_view body() const override { return {}; }
    const std::vector<std::unique_ptr<FormPart>>& parts() const override { return parts_; }
    const Principal* principal() const override { return head_.principal(); }
    std::string_view clientAddress() const override { return head_.clientAddress(); }
    std::string_view requestId() const override { return head_.requestId(); }

private:
    MemoryRequest head_;
    std::vector<std::unique_ptr<FormPart>> parts_;
};

inline std::filesystem::path sourceDirectory()
{
    const char* directory = std::getenv("APB_FARM_SOURCE_DIR");
    if (!directory)
        throw std::runtime_error("APB_FARM_SOURCE_DIR is not set");
    return directory;
}

inline void write(const std::filesystem::path& file, std::string_view content)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

inline bool has(std::string_view text, std::string_view piece)
{
    return text.find(piece) != text.npos;
}

/// The pages as they are shipped, over a small farm: two servers with addresses that must not be seen.
struct PageFarm {
    static constexpr auto kPassword = "correct horse";
    const ServerId first = "http://builder7.internal.example:8000", second = "http://10.9.8.7:8000";

    ManualClock clock;
    TempDir folder;
    MemoryUserStore users;
    MemoryTokenStore tokens;
    MemoryAuditStore audit;
    QuickAuthenticator authenticator{users};
    service::PasswordPool pool{1};
    service::LoginThrottle throttle{clock};
    service::AuthenticatorChain chain{{{"quick", authenticator}}, users};
    service::SessionService sessions{users, tokens, audit, chain, pool, throttle, clock};
    MemoryBuildStore store;
    service::BuildLedger ledger{store, clock, life::Policy{}};
    service::BuildQueue queue;
    fleet::Fleet fleet{{{first, "x86_64"}, {second, "aarch64"}}, clock};
    files::LogStore logs{folder / "logs"};
    api::BuildReader reader{ledger, queue, store, logs};
    std::string publicUrl;
    service::BuildEstimates estimates{store, clock};
    files::LogOutlines outlines{logs};
    std::unique_ptr<api::PageSite> site;
    std::unique_ptr<api::PageRoutes> pages;
    std::unique_ptr<api::FeedRoutes> feeds;
    std::unique_ptr<http::Router> router;

    PageFarm() { open(); }

    void open()
    {
        const auto json = [this](const HttpRequest& request, HttpResponse& response) {
            response.json(200, api::json::status(reader.details(request.param("id"))));
        };
        site = std::make_unique<api::PageSite>(api::PageContext{fleet, queue, reader, store, users, sessions, logs, clock,
                                                                json, "9.9.9", publicUrl, estimates, outlines},
                                               sourceDirectory() / "web");
        const auto feed = std::make_shared<api::ChangeFeed>(clock, [] { return std::size_t(0); }, [](const auto&) {});
        pages = std::make_unique<api::PageRoutes>(*site, feed);
        feeds = std::make_unique<api::FeedRoutes>(*site);
        router = std::make_unique<http::Router>();
        pages->declare(*router);
        feeds->declare(*router);
    }

    User account(const std::string& name, Role role)
    {
        User user;
        user.username = name;
        user.role = role;
        return users.create(user, authenticator.hash(kPassword));
    }
    Principal as(const std::string& name, Role role) { return {account(name, role).id, name, role, 1}; }

    /// Valid until the next one is added.
    Build& add(BuildState state, std::string pkgname = "hello")
    {
        Build build;
        build.id = util::randomUuid();
        build.state = state;
        build.pkgname = std::move(pkgname);
        build.pkgver = "1.0";
        build.pkgrel = "2";
        build.architecture = "x86_64";
        build.createdAt = clock.wall();
        store.submit({{build}, {}, {}, {}});
        return store.builds.back();
    }

    /// `target` with query. The handler sees what the router made of it.
    MemoryResponse ask(const std::string& target, const Principal* who = nullptr)
    {
        return answer(MemoryRequest("GET", target), target, who, {});
    }
    MemoryResponse post(MemoryRequest request, std::string_view form, const Principal* who = nullptr)
    {
        const std::string target(request.target());
        return answer(std::move(request), target, who, form);
    }

private:
    MemoryResponse answer(MemoryRequest request, const std::string& target, const Principal* who, std::string_view form)
    {
        http::Target parsed;
        http::parseTarget(target, parsed);
        const auto match = router->find(request.method(), parsed.segments);
        if (!match.route)
            throw std::runtime_error("no route for " + target);
        for (const auto& [name, value] : match.params)
            request.withParam(std::string(name), std::string(value));
        for (const auto& [name, value] : parsed.query)
            request.withQuery(name, value);
        if (who)
            request.as(*who);
        MemoryResponse response;
        match.route->handler(FormRequest(std::move(request), form), response);
        return response;
    }
};

} // namespace apbfarm::test
