// SPDX-License-Identifier: MIT
// Every route of the running farm, every method, every kind of caller: what must happen follows from the access rule
// that the route is declared with, and from nothing else (Z1).
#include "proofs/access/access.h"
#include "proofs/access/matrix.h"

#include <set>

namespace apbfarm::proofs {

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
    test::TcpConnection connection(farm.port(), std::chrono::seconds(20));
    auto head = farm.guest().requestHead(method, target, caller.headers());
    if (method != "GET" && method != "HEAD" && method != "OPTIONS")
        head += "Content-Length: 0\r\n";
    connection.write(head + "Connection: close\r\n\r\n");
    ++cases;
    ++refusals[expected];
    const auto answer = HttpClient::readHead(connection);
    const auto wrong = complaintAbout(answer, route, expected);
    tally.expect(wrong.empty(), method + " " + target + " by " + caller.title + ": " + wrong);
}

/// Empty when the answer is as it must be.
std::string Matrix::complaintAbout(const HttpAnswer& answer, const DeclaredRoute& route, int expected)
{
    const auto got = std::to_string(answer.status);
    if (expected == 0) {
        // Names and passwords that are none end as 401 also for those who may try.
        const bool asksForPassword = route.path == "/login" || route.path == "/auth/login";
        const bool refused = !asksForPassword && (answer.status == 401 || answer.status == 403);
        return refused || answer.status >= 500 || answer.status == 405 ? got + ", not let in" : "";
    }
    if (answer.status != expected)
        return got + ", not " + std::to_string(expected);
    if ((expected == 204 || expected == 405) && answer.header("Allow").find(route.method) == std::string::npos)
        return "Allow is " + answer.header("Allow");
    if (expected == 401 && !answer.header("WWW-Authenticate").starts_with("Bearer"))
        return "no WWW-Authenticate";
    return {};
}

namespace {

/// Everything that the routes could have changed, but for the owner's build, which its owner may cancel.
std::string stateOf(Matrix& matrix)
{
    const auto output = matrix.farm.folder() / "state.txt";
    std::filesystem::remove(output);
    ChildProcess dump({"sqlite3", "-readonly", matrix.farm.stateDirectory() / "farm.db",
                       "SELECT id, username, role, email, is_active FROM users ORDER BY id; "
                       "SELECT id, pkgname, user_id FROM builds ORDER BY id;"},
                      output);
    must(dump.wait().value_or(-1) == 0, dump.output());
    return dump.output() + matrix.bearing(matrix.tokenOf(Who::Admin)).get("/admin/smtp").body;
}

/// Only those whose path holds one of the words; all without words.
std::vector<DeclaredRoute> chosen(const std::vector<DeclaredRoute>& routes, const std::vector<std::string>& words)
{
    std::vector<DeclaredRoute> list;
    std::set<std::string> paths;
    for (const auto& route : routes) {
        const bool wanted = words.empty() || std::ranges::any_of(words, [&](const std::string& word) {
            return route.path.find(word) != std::string::npos;
        });
        if (wanted && paths.insert(route.path).second)
            list.push_back(route);
    }
    return list;
}

/// What lies below /admin and the accounts is declared for administrators (Z1).
void checkDeclarations(const Matrix& matrix)
{
    std::size_t found = 0;
    for (const auto& route : matrix.routes)
        if (route.path.starts_with("/admin/") || route.path.starts_with("/auth/users")) {
            ++found;
            matrix.tally.expect(route.access == "admin", route.title() + " is declared for " + route.access);
        }
    matrix.tally.expect(found >= 12, "only " + std::to_string(found) + " routes are for administrators");
}

}

void access(const Options& options, Tally& tally)
{
    Matrix matrix(tally);
    checkDeclarations(matrix);
    const auto before = stateOf(matrix);
    const auto kinds = matrix.callers();
    for (const auto& route : chosen(matrix.routes, options.words))
        for (const auto& method : kMethods)
            for (const auto& caller : kinds)
                matrix.check(route, method, caller);
    tally.expect(stateOf(matrix) == before, "the requests changed something");
    for (const auto* name : {"alice", "bob", "admin"})
        matrix.freshToken(name);   // the password is still the same
    tally.say(std::to_string(matrix.cases) + " cases: " + std::to_string(matrix.routes.size()) + " routes, "
              + std::to_string(kMethods.size()) + " methods, " + std::to_string(kinds.size()) + " kinds of callers");
    tally.say("expected: " + std::to_string(matrix.refusals[0]) + " let in, " + std::to_string(matrix.refusals[401]) + " x 401, "
              + std::to_string(matrix.refusals[403]) + " x 403, " + std::to_string(matrix.refusals[405]) + " x 405, "
              + std::to_string(matrix.refusals[204]) + " x 204");
    tally.expect(!options.words.empty() || matrix.cases >= 1500, "too few cases to prove anything (Q11)");
}

}
