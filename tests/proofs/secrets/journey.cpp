// SPDX-License-Identifier: MIT
#include "proofs/secrets/journey.h"

#include "support/packages.h"
#include "support/route_table.h"
#include "support/secret_file.h"

#include <algorithm>
#include <fstream>

namespace apbfarm::proofs {

using namespace std::chrono_literals;
using test::HttpClient;
using test::HttpHeaders;

namespace {

std::string member(const std::string& name, const std::string& value)
{
    return "\"" + name + "\":\"" + value + "\"";
}

std::string credentials(const std::string& name, const std::string& password)
{
    return "{" + member("username", name) + "," + member("password", password) + "}";
}

std::string formEscaped(const std::string& value)
{
    std::string text;
    for (const char c : value)
        text += c == '+' ? "%2B" : c == '=' ? "%3D" : std::string(1, c);
    return text;
}

}

Journey::Journey(const char* logFormat)
    : mailPassword_(canaries_.make("the password of the mail server")),
      mails_({"--auth", "farm:" + mailPassword_}),
      farm_({{"x86_64", server_.url()}},
            {{"log.level", "DEBUG"}, {"log.format", logFormat}, {"auth.maxLoginAttempts", "1000"},
             {"notify.smtp.allowPlainAuth", "true"}, {"database.backupInterval", "1s"}, {"http.metricsAccess", "anyone"}})
{
    server_.finishAtOnce(BuildStatus::Completed);
    serverSecret_ = canaries_.make("the secret of a build server");
    farm_.setProperty("server.secretsFile", test::writeSecretFile(farm_.folder() / "server-secrets.json",
                                                                  "{" + member(server_.url(), serverSecret_) + "}"));
}

void Journey::run()
{
    farm_.start();
    farm_.admin();   // the first account is there
    adminPassword_ = canaries_.make("the administrator's password");
    alicePassword_ = canaries_.make("a user's password");
    const auto first = login("admin", "admin123");
    HttpClient starting(farm_.port());
    starting.always("Authorization", "Bearer " + first);
    ask(starting, "PUT", "/auth/change-password",
        "{" + member("current_password", "admin123") + "," + member("new_password", adminPassword_) + ","
            + member("confirm_password", adminPassword_) + "}");
    adminToken_ = login("admin", adminPassword_);
    admin_ = HttpClient(farm_.port());
    admin_.always("Authorization", "Bearer " + adminToken_);
    canaries_.add("the key that seals", test::readFile(farm_.stateDirectory() / "secret.key"));
    mail();
    accounts();
    wrongLogins();
    secretsInWrongPlaces();
    submissions();
}

std::string Journey::login(const std::string& name, const std::string& password)
{
    const auto answer = farm_.guest().postJson("/auth/login", credentials(name, password));
    if (answer.status != 200)
        throw std::runtime_error("no log-in as " + name + ": " + answer.body);
    const auto token = test::member(answer, "token");
    const auto secret = "a token of " + name;
    canaries_.add(secret, token);
    answers_.push_back({"POST /auth/login", answer.body, {secret}});
    return token;
}

std::string Journey::browserSession(const std::string& name, const std::string& password)
{
    const auto answer = farm_.guest().post("/login", "username=" + name + "&password=" + formEscaped(password),
                                           {{"Content-Type", "application/x-www-form-urlencoded"}});
    const auto cookie = answer.header("Set-Cookie");
    const auto value = cookie.substr(cookie.find('=') + 1, 43);
    if (answer.status / 100 != 3 || value.size() != 43)
        throw std::runtime_error("no log-in by form: " + std::to_string(answer.status) + " " + answer.body);
    canaries_.add("a cookie of " + name, value);
    answers_.push_back({"POST /login", answer.body + answer.header("Location"), {}});
    return cookie.substr(0, cookie.find(';'));
}

void Journey::accounts()
{
    ask(admin_, "POST", "/auth/users",
        "{" + member("username", "alice") + "," + member("password", canaries_.make("a user's first password")) + ","
            + member("email", "alice@example.org") + "}");
    ask(admin_, "POST", "/auth/users", credentials("alice", canaries_.make("the password of a name that is taken")));
    ask(admin_, "POST", "/auth/users", credentials("no name", canaries_.make("the password of a bad name")));
    // Its first password is known to the canaries alone; a second account is made with one that is kept.
    ask(admin_, "POST", "/auth/users",
        "{" + member("username", "bob") + "," + member("password", alicePassword_) + "," + member("email", "bob@example.org") + "}");
    aliceToken_ = login("bob", alicePassword_);
    alice_ = HttpClient(farm_.port());
    alice_.always("Authorization", "Bearer " + aliceToken_);
    const auto change = [&](const std::string& current, const std::string& wanted, const std::string& confirmed) {
        return "{" + member("current_password", current) + "," + member("new_password", wanted) + ","
               + member("confirm_password", confirmed) + "}";
    };
    const auto other = canaries_.make("a new password");
    ask(alice_, "PUT", "/auth/change-password", change(canaries_.make("a wrong current password"), other, other));
    ask(alice_, "PUT", "/auth/change-password", change(alicePassword_, other, canaries_.make("a confirmation that differs")));
    ask(alice_, "PUT", "/auth/change-password", change(alicePassword_, other, other));
    aliceToken_ = login("bob", other);
    alice_.always("Authorization", "Bearer " + aliceToken_);
    cookie_ = browserSession("bob", other);
}

void Journey::wrongLogins()
{
    const auto guest = farm_.guest();
    ask(guest, "POST", "/auth/login", credentials("bob", canaries_.make("a wrong password")));
    ask(guest, "POST", "/auth/login", credentials("nobody", canaries_.make("a password of nobody")));
    ask(guest, "POST", "/auth/login", credentials("bob", std::string(90, 'x') + canaries_.make("a password that is too long")));
    ask(guest, "POST", "/auth/login", "{" + member("username", "bob") + "," + member("password", canaries_.make("broken JSON")) + ",}");
    ask(guest, "POST", "/auth/login", "{" + member("password", canaries_.make("no name")) + "}");
    ask(guest, "POST", "/auth/login", "{\"username\":\"bob\",\"password\":[\"" + canaries_.make("in a list") + "\"]}");
    ask(guest, "POST", "/auth/login", "{" + member(canaries_.make("as a key"), "1") + "}");
    ask(guest, "POST", "/login", "username=bob&password=" + formEscaped(canaries_.make("a wrong password in a form")),
        {{"Content-Type", "application/x-www-form-urlencoded"}});
    ask(guest, "POST", "/login", "username=bob&password=%zz" + canaries_.make("a broken form"),
        {{"Content-Type", "application/x-www-form-urlencoded"}});
    ask(guest, "POST", "/auth/login", "password=" + canaries_.make("a body of the wrong type"));
}

void Journey::secretsInWrongPlaces()
{
    const auto guest = farm_.guest();
    for (const std::string place : {"Authorization: Bearer ", "Authorization: Basic ", "Authorization: Token ", "Authorization: ",
                                    "Cookie: apb_session=", "Cookie: authToken=", "X-Api-Key: ", "X-CSRF-Token: ",
                                    "Proxy-Authorization: Bearer ", "Authorization: Bearer\t"}) {
        const auto colon = place.find(": ");
        const auto secret = canaries_.make("in " + place);
        for (const auto* target : {"/auth/me", "/nothing-here", "/health"})
            ask(guest, "GET", target, "", {{place.substr(0, colon), place.substr(colon + 2) + secret}});
        ask(guest, "POST", "/build", "", {{place.substr(0, colon), place.substr(colon + 2) + secret}});
    }
    for (const std::string name : {"token", "access_token", "password", "api_key", "Token", "authToken", "apb_session"}) {
        const auto secret = canaries_.make("in the query as " + name);
        for (const auto* target : {"/auth/me", "/nothing-here", "/health", "/login", "/dashboard", "/builds/latest"})
            ask(guest, "GET", std::string(target) + "?x=1&" + name + "=" + formEscaped(secret));
        ask(guest, "POST", "/auth/login?" + name + "=" + formEscaped(secret), "{}");
    }
    ask(guest, "GET", "/auth/me?token=" + adminToken_ + "&access_token=" + aliceToken_);
    ask(guest, "GET", "/auth/me", "", {{"Authorization", "Bearer " + adminToken_ + " " + aliceToken_}});
}

void Journey::mail()
{
    const auto settings = [&](const std::string& password) {
        return "{\"server\":\"127.0.0.1\",\"port\":" + std::to_string(mails_.port()) + ",\"use_tls\":false,"
               + member("username", "farm") + "," + member("password", password) + "," + member("from_email", "farm@example.org") + "}";
    };
    const auto test = "{" + member("test_email", "root@example.org") + "}";
    ask(admin_, "POST", "/admin/smtp", settings(canaries_.make("a wrong password of the mail server")));
    ask(admin_, "POST", "/admin/smtp/test", test);
    ask(admin_, "POST", "/admin/smtp", "{\"server\":5," + member("password", canaries_.make("in settings that are wrong")) + "}");
    ask(admin_, "POST", "/admin/smtp", settings(mailPassword_));
    ask(admin_, "POST", "/admin/smtp/test", test);
    if (!mails_.hasMail(1))
        throw std::runtime_error("no mail came: " + answers_.back().text);
}

void Journey::submissions()
{
    const auto tarball = test::tarballOf(test::pkgbuild("quiet"));
    const auto key = canaries_.make("an idempotency key");
    for (const auto& text : {tarball, tarball, test::tarballOf(test::pkgbuild("other"))}) {
        const auto answer = test::submitTarball(alice_, text, "", {{"Idempotency-Key", key}});
        answers_.push_back({"POST /build", answer.body, {}});
    }
    const auto bad = test::submitTarball(alice_, tarball, "", {{"Idempotency-Key", std::string(120, 'x') + canaries_.make("a bad key")}});
    answers_.push_back({"POST /build", bad.body, {}});
    if (!test::eventually([&] { return mails_.hasMail(3); }))
        throw std::runtime_error("no mail about a build came");
}

void Journey::ask(const HttpClient& client, const std::string& method, const std::string& target, const std::string& body,
                  HttpHeaders headers)
{
    const bool isJson = method != "GET" && std::ranges::none_of(headers, [](const auto& h) { return h.first == "Content-Type"; });
    if (isJson)
        headers.emplace_back("Content-Type", "application/json");
    const auto answer = client.request(method, target, body, headers);
    std::string text = answer.body;
    for (const auto& [name, value] : answer.headers)
        text += "\n" + name + ": " + value;
    answers_.push_back({method + " " + target.substr(0, target.find('?')), text, {}});
}

/// The head alone of a stream, which does not end.
std::string Journey::fetched(const std::string& target, const HttpHeaders& headers) const
{
    test::TcpConnection connection(farm_.port());
    connection.write(HttpClient(farm_.port()).requestHead("GET", target, headers) + "Connection: close\r\n\r\n");
    const auto head = HttpClient::readHead(connection);
    std::string text;
    for (const auto& [name, value] : head.headers)
        text += name + ": " + value + "\n";
    return head.header("Content-Type").starts_with("text/event-stream") ? text : text + connection.readToEnd();
}

void Journey::readEverything()
{
    const auto build = test::json(admin_.get("/builds/latest?limit=1"))->getArray("builds")->getObject(0);
    const auto id = build->optValue<std::string>("id", build->optValue<std::string>("build_id", ""));
    const std::vector<std::pair<std::string, HttpHeaders>> people{
        {"a guest", {}},
        {"a user", {{"Authorization", "Bearer " + aliceToken_}}},
        {"a user's browser", {{"Cookie", cookie_}}},
        {"an administrator", {{"Authorization", "Bearer " + adminToken_}}}};
    for (const auto& route : test::declaredRoutes(farm_.guest()))
        for (const auto& [who, headers] : people)
            if (route.method == "GET" && route.path != "/auth/logout" && route.path != "/logout")
                for (const auto* file : {"build.log", "secret.key"})
                    answers_.push_back({route.title() + " by " + who,
                                        fetched(route.pathWith({{"id", id}, {"user_id", "2"}, {"filename", file}, {"package", "quiet"}}),
                                                headers), {}});
}

bool Journey::serverWasToldItsSecret() const
{
    return std::ranges::any_of(server_.requestsWithHeaders(), [&](const test::FakeRequest& request) {
        const auto sent = request.headers.find("authorization");
        return sent != request.headers.end() && sent->second == "Bearer " + serverSecret_;
    });
}

std::vector<std::string> Journey::mails() const
{
    std::vector<std::string> texts;
    for (int i = 1; mails_.hasMail(i); ++i)
        texts.push_back(mails_.mail(i).content);
    return texts;
}

}
