// SPDX-License-Identifier: MIT
#pragma once

#include "support/fake_build_server.h"
#include "real_server.h"
#include "support/route_table.h"

#include <iostream>
#include <set>

namespace apbfarm::test {

/// Stable: programs compare them. A new one is added here and in no other way.
inline const std::set<std::string> kErrorTypes{"authentication_required", "bad_content_length", "bad_header",
                                               "bad_multipart", "bad_request_line", "bad_target", "body_too_large",
                                               "build_not_ended", "build_not_found", "cannot_delete_yourself",
                                               "conflict", "cross_site_request", "file_not_found", "header_too_large",
                                               "idempotency_key_reused", "insufficient_permissions",
                                               "invalid_build_timeout", "invalid_credentials", "invalid_file_name",
                                               "invalid_idempotency_key", "invalid_input", "invalid_json",
                                               "invalid_parameter", "invalid_pkgbuild", "invalid_smtp_settings",
                                               "invalid_tarball", "login_throttled", "method_not_allowed",
                                               "missing_upload", "no_valid_architectures", "not_a_file", "not_a_text",
                                               "page_not_found", "payload_missing", "repeated_field",
                                               "repeated_header", "repeated_parameter", "route_not_found",
                                               "server_not_found", "session_not_found", "smtp_config_not_found",
                                               "smtp_test_failed", "target_too_long", "too_large", "too_many_attempts",
                                               "too_many_requests", "unsupported_media_type", "user_not_found",
                                               "username_taken", "wrong_password"};

/// Of fields whose neighbours are under test.
inline const std::map<std::string, std::string> kGoodFields{{"username", "\"probe\""},
                                                            {"password", "\"correct horse 7\""}, {"role", "\"user\""},
                                                            {"email", "\"probe@example.org\""},
                                                            {"current_password", "\"admin123\""},
                                                            {"new_password", "\"correct horse 8\""},
                                                            {"confirm_password", "\"correct horse 8\""},
                                                            {"server", "\"mail.example.org\""},
                                                            {"from_email", "\"farm@example.org\""},
                                                            {"test_email", "\"me@example.org\""}, {"port", "587"},
                                                            {"url", "\"https://example.org/repo\""}};

inline std::string goodValue(const DeclaredValue& field)
{
    if (const auto good = kGoodFields.find(field.name); good != kGoodFields.end())
        return good->second;
    if (!field.words.empty())
        return "\"" + field.words.front() + "\"";
    if (field.type == "integer" || field.type == "number")
        return std::to_string(static_cast<long long>(field.lowest.value_or(1)));
    return field.type == "boolean"  ? "true"
           : field.type == "array"  ? "[]"
           : field.type == "object" ? "{}"
                                    : "\"probe\"";
}

struct Probe {
    std::string target;
    std::string body = {};
    HttpHeaders headers = {};
    bool wrong = true;       ///< must be refused
};

struct ProbedFarm {
    ProbedFarm()
    {
        startWithUsers(farm);
        build = acceptedBuild(submit(farm.as("alice", "admin123"), "probed"));
        routes = declaredRoutes(farm.guest());
        names = {{"id", build},
                 {"user_id", accountId(farm.admin(), "bob")},
                 {"filename", "build.log"},
                 {"package", "probed"}};
        state = stateNow();
    }
    ~ProbedFarm()
    {
        std::cout << "bad input: " << cases << " requests, " << refused << " refusals looked at" << std::endl;
    }

    /// All tables but the audit trail, the settings, where failed log-ins are counted, and mails, which go out
    /// meanwhile.
    std::string stateNow()
    {
        if (tables.empty())
            tables = sqlite(
                "SELECT group_concat(name, ' ') FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                "AND name NOT IN ('audit_events', 'settings', 'outbox')");
        return sqlite(".dump " + tables.substr(0, tables.find('\n')));
    }
    std::string sqlite(const std::string& command) const
    {
        const auto output = farm.folder() / "state.txt";
        std::filesystem::remove(output);
        ChildProcess query({"sqlite3", "-readonly", farm.stateDirectory() / "farm.db", command}, output);
        BOOST_TEST_REQUIRE(query.wait().value_or(-1) == 0, query.output());
        return query.output();
    }
    /// The least that the route lets in.
    HttpClient callerOf(const DeclaredRoute& route)
    {
        if (route.access == "guest")
            return farm.guest();
        return farm.as(route.access == "user" ? "alice" : "admin", "admin123");
    }

    void probe(const DeclaredRoute& route, const Probe& probe);
    void checkUnchanged(const std::string& what);
    void checkRefusal(const DeclaredRoute& route, const HttpAnswer& answer, const std::string& what) const;
    HttpAnswer send(const HttpClient& client, const DeclaredRoute& route, const Probe& probe) const;

    FakeBuildServer server{"x86_64", 0};
    FarmProcess farm{{{"x86_64", server.url()}}, {{"auth.maxLoginAttempts", "1000"}}};
    std::vector<DeclaredRoute> routes;
    std::map<std::string, std::string> names;
    std::string build;
    std::string tables, state;
    std::size_t cases = 0, refused = 0;
};

inline HttpAnswer ProbedFarm::send(const HttpClient& client, const DeclaredRoute& route, const Probe& probe) const
{
    TcpConnection connection(farm.port(), std::chrono::seconds(20));
    auto head = client.requestHead(route.method, probe.target, probe.headers);
    if (route.method != "GET")
        head += "Content-Length: " + std::to_string(probe.body.size()) + "\r\n";
    connection.write(head + "Connection: close\r\n\r\n");
    connection.write(probe.body);
    auto answer = HttpClient::readHead(connection);
    if (answer.header("Content-Type") != "text/event-stream")
        answer.body = connection.readToEnd();
    return answer;
}

inline void ProbedFarm::checkRefusal(const DeclaredRoute& route, const HttpAnswer& answer,
                                     const std::string& what) const
{
    const bool page = answer.header("Content-Type").starts_with("text/html");
    if (page && (route.isPage || route.title() == "POST /login")) {
        BOOST_TEST(answer.body.starts_with("<!doctype html>"), what);
        return;
    }
    BOOST_TEST_REQUIRE(answer.header("Content-Type").starts_with("application/json"), what);
    const auto body = json(answer);
    for (const auto* name : {"error", "detail", "error_type", "timestamp", "request_id"})
        BOOST_TEST(!body->get(name).toString().empty(), name << ": " << what << ": " << answer.body);
    const auto type = body->optValue<std::string>("error_type", "");
    BOOST_TEST(kErrorTypes.contains(type), "unknown error_type " << type << ": " << what << ": " << answer.body);
}

inline void ProbedFarm::checkUnchanged(const std::string& what)
{
    const auto now = stateNow();
    const auto apart = std::ranges::mismatch(now, state).in1 - now.begin();
    const auto line = now.rfind('\n', static_cast<std::size_t>(apart)) + 1;
    BOOST_TEST((now == state), "changed by " << what << ": now " << now.substr(line, 400));
    state = now;
}

inline void ProbedFarm::probe(const DeclaredRoute& route, const Probe& probe)
{
    const auto what = route.title() + " as " + probe.target.substr(0, 200) + " with " + probe.body.substr(0, 200);
    for (const bool guest : {false, true}) {
        if (guest && route.access == "guest")
            break;
        HttpAnswer answer;
        try {
            answer = send(guest ? farm.guest() : callerOf(route), route, probe);
        } catch (const std::exception& error) {
            BOOST_ERROR(what << ": " << error.what());
            continue;
        }
        ++cases;
        BOOST_TEST(answer.status < 500, what << ": " << answer.status << " " << answer.body);
        BOOST_TEST((!(probe.wrong || guest) || answer.status >= 400),
                   what << ": " << answer.status << " " << answer.body);
        if (answer.status < 400 && route.method != "GET") {
            state = stateNow();
        } else if (answer.status >= 400) {
            ++refused;
            checkRefusal(route, answer, what);
            if (route.method != "GET" && !guest)
                checkUnchanged(what);
        }
    }
}

} // namespace apbfarm::test
