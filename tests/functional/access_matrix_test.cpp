// SPDX-License-Identifier: MIT
// Every route of the running farm, every method, every kind of caller: what must happen follows from the access rule
// that the route is declared with, and from nothing else (Z1).
#include "matrix_farm.h"

#include <iostream>
#include <set>

using namespace apbfarm;
using namespace apbfarm::test;

namespace apbfarm::test {

std::vector<CallerKind> Matrix::callers()
{
    const auto authorization = [](const std::string& value) {
        return [value] { return HttpHeaders{{"Authorization", value}}; };
    };
    const auto bearer = [this](Who who) {
        return [this, who] { return HttpHeaders{{"Authorization", "Bearer " + tokenOf(who)}}; };
    };
    const auto session = [this](Who who, Page page, std::string name = "apb_session") {
        return [this, who, page, name] { return cookie(who, page, name); };
    };
    const auto none = [] { return HttpHeaders{}; };
    const auto stale = [&](const char* name) { return authorization("Bearer " + endedTokens.at(name)); };
    const auto admin = tokenOf(Who::Admin);
    std::vector<CallerKind> kinds{
        {"a guest", Who::Nobody, Page::NoBrowser, none},
        {"the owner", Who::Owner, Page::NoBrowser, bearer(Who::Owner)},
        {"another user", Who::OtherUser, Page::NoBrowser, bearer(Who::OtherUser)},
        {"an administrator", Who::Admin, Page::NoBrowser, bearer(Who::Admin)},
        {"a token that expired a second ago", Who::Nobody, Page::NoBrowser, stale("expired")},
        {"a revoked token", Who::Nobody, Page::NoBrowser, stale("revoked")},
        {"the token of a deactivated account", Who::Nobody, Page::NoBrowser, stale("deactivated")},
        {"a token that never was", Who::Nobody, Page::NoBrowser, authorization("Bearer " + std::string(43, 'A'))},
        {"a token in the query", Who::Nobody, Page::NoBrowser, none, "token=" + admin + "&access_token=" + admin},
        {"basic authentication", Who::Nobody, Page::NoBrowser, authorization("Basic YWRtaW46YWRtaW4xMjM=")},
        {"another scheme", Who::Nobody, Page::NoBrowser,
         [this] { return HttpHeaders{{"Authorization", "Token " + tokenOf(Who::Admin)}}; }},
        {"a token without a scheme", Who::Nobody, Page::NoBrowser,
         [this] { return HttpHeaders{{"Authorization", tokenOf(Who::Admin)}}; }},
        {"a scheme without a token", Who::Nobody, Page::NoBrowser, authorization("Bearer")},
        {"a bad token beside a good cookie", Who::Nobody, Page::NoBrowser,
         [this] {
             auto headers = cookie(Who::Admin, Page::Own);
             headers.emplace_back("Authorization", "Bearer " + std::string(43, 'A'));
             return headers;
         }},
        {"a user's token beside an administrator's cookie", Who::Owner, Page::NoBrowser,
         [this] {
             return HttpHeaders{{"Cookie", "apb_session=" + tokenOf(Who::Admin)},
                                {"Authorization", "Bearer " + tokenOf(Who::Owner)}};
         }},
    };
    const std::vector<std::pair<const char*, Page>> pages{{"without an origin", Page::NoOrigin},
                                                          {"from a foreign page", Page::Foreign},
                                                          {"without a CSRF token", Page::NoCsrfToken},
                                                          {"with a wrong CSRF token", Page::WrongCsrfToken},
                                                          {"from an own page", Page::Own}};
    for (const auto& [title, page] : pages) {
        kinds.push_back({std::string("a user's cookie ") + title, Who::Owner, page, session(Who::Owner, page)});
        kinds.push_back(
            {std::string("an administrator's cookie ") + title, Who::Admin, page, session(Who::Admin, page)});
        kinds.push_back({std::string("an older farm's cookie ") + title, Who::Owner, page,
                         session(Who::Owner, page, "authToken")});
    }
    return kinds;
}

/// 401, 403, 405 and 204 (for OPTIONS) are the front's; 0: the request reaches the handler.
int Matrix::expectedStatus(const DeclaredRoute* route, const std::string& method, const CallerKind& caller) const
{
    if (!route)
        return method == "OPTIONS" ? 204 : 405;
    if (!mayCall(caller.who, route->access))
        return caller.who == Who::Nobody ? 401 : 403;
    if (route->method == "GET")
        return 0;
    // Logging in relies on no session; the page's form looks at the origin itself.
    const bool isLogin = route->path == "/auth/login" || route->path == "/login";
    if (route->path == "/login" && caller.page == Page::Foreign)
        return 403;
    if (caller.page != Page::NoBrowser && caller.page != Page::Own && !isLogin)
        return 403;
    // The one rule about a single object: builds are cancelled by their owners and administrators.
    if (route->path == "/build/{id}/cancel" && caller.who == Who::OtherUser)
        return 403;
    return 0;
}

void Matrix::check(const DeclaredRoute& route, const std::string& method, const CallerKind& caller)
{
    const auto* declared = find(method, route.path);
    const auto expected = expectedStatus(declared, method, caller);
    // Of things that are not there, so that whoever may do everything does nothing. The build is there, and could be
    // built again once its owner has cancelled it.
    const auto id = route.path == "/build/{id}/rebuild" ? "00000000-0000-4000-8000-000000000000" : build;
    auto target = route.pathWith({{"id", id}, {"user_id", "999999999"}});
    if (!caller.query.empty())
        target += "?" + caller.query;
    TcpConnection connection(farm.port(), std::chrono::seconds(20));
    auto head = farm.guest().requestHead(method, target, caller.headers());
    if (method != "GET" && method != "HEAD" && method != "OPTIONS")
        head += "Content-Length: 0\r\n";
    connection.write(head + "Connection: close\r\n\r\n");
    const auto answer = HttpClient::readHead(connection);
    const auto what = method + " " + target + " by " + caller.title;
    ++cases;
    if (expected == 0) {
        // Names and passwords that are none end as 401 also for those who may try.
        const bool asksForPassword = route.path == "/login" || route.path == "/auth/login";
        BOOST_TEST((asksForPassword || (answer.status != 401 && answer.status != 403)), what << ": " << answer.status);
        BOOST_TEST((answer.status < 500 && answer.status != 405), what << ": " << answer.status);
        return;
    }
    ++refusals[expected];
    BOOST_TEST(answer.status == expected, what << ": " << answer.status << ", not " << expected);
    if (expected == 204 || expected == 405)
        BOOST_TEST(answer.header("Allow").find(route.method) != std::string::npos,
                   what << ": " << answer.header("Allow"));
    if (expected == 401)
        BOOST_TEST(answer.header("WWW-Authenticate").starts_with("Bearer"), what);
}

/// Everything that the routes could have changed, but for the owner's build, which its owner may cancel.
static std::string stateOf(Matrix& matrix)
{
    const auto output = matrix.farm.folder() / "state.txt";
    std::filesystem::remove(output);
    ChildProcess dump({"sqlite3", "-readonly", matrix.farm.stateDirectory() / "farm.db",
                       "SELECT id, username, role, email, is_active FROM users ORDER BY id; "
                       "SELECT id, pkgname, user_id FROM builds ORDER BY id;"},
                      output);
    BOOST_TEST_REQUIRE(dump.wait().value_or(-1) == 0, dump.output());
    return dump.output() + matrix.bearing(matrix.tokenOf(Who::Admin)).get("/admin/smtp").body;
}

} // namespace apbfarm::test

BOOST_AUTO_TEST_SUITE(AccessMatrix)

BOOST_FIXTURE_TEST_CASE(every_route_lets_in_whom_its_rule_names_and_nobody_else_Z1_Z2_U7_U9, Matrix)
{
    const auto before = stateOf(*this);
    const auto kinds = callers();
    std::set<std::string> paths;
    for (const auto& route : routes)
        if (paths.insert(route.path).second)
            for (const auto& method : kMethods)
                for (const auto& caller : kinds)
                    check(route, method, caller);
    BOOST_TEST((stateOf(*this) == before), "the matrix changed something");
    for (const auto* name : {"alice", "bob", "admin"})
        freshToken(name);   // the password is still the same
    std::cout << "access matrix: " << cases << " cases, " << routes.size() << " routes, " << kinds.size()
              << " kinds of callers; expected refusals: " << refusals[401] << " x 401, " << refusals[403] << " x 403, "
              << refusals[405] << " x 405" << std::endl;
    BOOST_TEST(cases >= 1500u);
}

BOOST_FIXTURE_TEST_CASE(what_lies_below_admin_and_accounts_is_declared_for_administrators_Z1, Matrix)
{
    std::size_t found = 0;
    for (const auto& route : routes)
        if (route.path.starts_with("/admin/") || route.path.starts_with("/auth/users")) {
            ++found;
            BOOST_TEST(route.access == "admin", route.title());
        }
    BOOST_TEST(found >= 12u);
}

BOOST_AUTO_TEST_SUITE_END()
