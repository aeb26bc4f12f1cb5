// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"
#include "support/fake_build_server.h"
#include "support/farm_users.h"
#include "support/route_table.h"

#include <functional>
#include <map>
#include <stdexcept>

namespace apbfarm::proofs {

using test::ChildProcess;
using test::DeclaredRoute;
using test::HttpAnswer;
using test::HttpClient;
using test::HttpHeaders;

inline constexpr auto kPassword = "admin123";
inline const std::vector<std::string> kMethods{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};

enum class Who { Nobody, Owner, OtherUser, Admin };

/// What a browser sends beside a cookie.
enum class Page { NoBrowser, NoOrigin, Foreign, NoCsrfToken, WrongCsrfToken, Own };

struct CallerKind {
    std::string title;
    Who who;
    Page page;
    std::function<HttpHeaders()> headers;
    std::string query = {};
};

/// What the matrix stands on; without it no case means anything.
inline void must(bool good, const std::string& what)
{
    if (!good)
        throw std::runtime_error(what);
}

inline std::string tokenFrom(const HttpAnswer& login)
{
    must(login.status == 200, login.body);
    return test::member(login, "token");
}

inline bool mayCall(Who who, const std::string& access)
{
    return access == "guest" || who == Who::Admin || (access == "user" && who != Who::Nobody);
}

/// A farm with accounts and sessions of every kind, and one build that belongs to somebody.
struct Matrix {
    explicit Matrix(Tally& results) : tally(results)
    {
        farm.start();
        farm.admin();
        farm.stop();
        for (const auto* name : {"alice", "bob", "expired", "revoked", "deactivated"})
            test::addUser(farm, name);
        farm.start();
        for (const auto* name : {"expired", "revoked", "deactivated"})
            endedTokens[name] = freshToken(name);
        endThem();
        const auto answer = test::submit(bearing(tokenOf(Who::Owner)), "owned");
        must(answer.status == 200, answer.body);
        build = test::member(answer, "build_id");
        routes = test::declaredRoutes(farm.guest());
    }

    std::string freshToken(const std::string& name)
    {
        return tokenFrom(farm.guest().postJson("/auth/login",
                                               "{\"username\":\"" + name + "\",\"password\":\"" + kPassword + "\"}"));
    }
    HttpClient bearing(const std::string& token)
    {
        auto client = farm.guest();
        client.always("Authorization", "Bearer " + token);
        return client;
    }
    /// Each of these three worked a moment ago and then met its end in the way that its name says.
    void endThem()
    {
        for (const auto& [name, token] : endedTokens)
            must(bearing(token).get("/auth/me").status == 200, name + " cannot log in");
        const auto admin = bearing(freshToken("admin"));
        must(admin.post("/auth/users/" + test::accountId(admin, "revoked") + "/revoke-tokens").status == 200, "an account is not changed");
        must(admin.request("DELETE", "/auth/users/" + test::accountId(admin, "deactivated"), "").status == 200, "an account is not changed");
        farm.stop();
        ChildProcess update({"sqlite3", farm.stateDirectory() / "farm.db",
                             "UPDATE tokens SET expires_at = strftime('%s', 'now') - 1 WHERE user_id = "
                             "(SELECT id FROM users WHERE username = 'expired')"},
                            farm.folder() / "sqlite3.log");
        must(update.wait().value_or(-1) == 0, update.output());
        farm.start();
    }

    /// A session that works; a new one when the last was logged out by a case before.
    std::string tokenOf(Who who)
    {
        auto& token = tokens[who];
        if (token.empty() || bearing(token).get("/auth/me").status != 200)
            token = freshToken(who == Who::Owner ? "alice" : who == Who::OtherUser ? "bob" : "admin");
        return token;
    }
    std::string csrfOf(const std::string& token)
    {
        auto& csrf = csrfTokens[token];
        if (csrf.empty()) {
            const std::string before = "name=\"csrf-token\" content=\"";
            const auto page = farm.guest().get("/dashboard", {{"Cookie", "apb_session=" + token}}).body;
            const auto at = page.find(before);
            must(at != std::string::npos, "a page without a CSRF token");
            csrf = page.substr(at + before.size(), 64);
        }
        return csrf;
    }
    HttpHeaders cookie(Who who, Page page, const std::string& name = "apb_session")
    {
        const auto token = tokenOf(who);
        HttpHeaders headers{{"Cookie", name + "=" + token}};
        const auto own = "http://127.0.0.1:" + std::to_string(farm.port());
        if (page == Page::Foreign)
            headers.emplace_back("Origin", "https://elsewhere.example.com");
        else if (page != Page::NoOrigin)
            headers.emplace_back("Origin", own);
        if (page == Page::Own || page == Page::Foreign)
            headers.emplace_back("X-CSRF-Token", csrfOf(token));
        else if (page == Page::WrongCsrfToken)
            headers.emplace_back("X-CSRF-Token", std::string(64, '0'));
        return headers;
    }

    std::vector<CallerKind> callers();
    void check(const DeclaredRoute& route, const std::string& method, const CallerKind& caller);
    static std::string complaintAbout(const HttpAnswer& answer, const DeclaredRoute& route, int expected);
    int expectedStatus(const DeclaredRoute* route, const std::string& method, const CallerKind& caller) const;
    const DeclaredRoute* find(const std::string& method, const std::string& path) const
    {
        const auto found = std::ranges::find_if(routes, [&](const DeclaredRoute& route) {
            return route.path == path && route.method == (method == "HEAD" ? "GET" : method);
        });
        return found == routes.end() ? nullptr : &*found;
    }

    Tally& tally;
    test::FakeBuildServer server{"x86_64", 0};
    test::FarmProcess farm{{{"x86_64", server.url()}}};
    std::map<std::string, std::string> endedTokens;
    std::map<Who, std::string> tokens;
    std::map<std::string, std::string> csrfTokens;
    std::string build;
    std::vector<DeclaredRoute> routes;
    std::size_t cases = 0;
    std::map<int, std::size_t> refusals;
};

}
