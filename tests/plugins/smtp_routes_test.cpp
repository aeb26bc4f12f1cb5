// SPDX-License-Identifier: MIT
#include "plugins/smtp_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using test::has;
using test::MailServer;
using test::SmtpFixture;

namespace {

struct RoutesFixture : SmtpFixture {
    RoutesFixture() { start(); }

    test::SentResponse save(const std::string& body) { return ask(Method::Post, "/admin/smtp", body); }
    test::SentResponse show() { return ask(Method::Get, "/admin/smtp"); }
    std::vector<FieldError> complaintsAbout(const std::string& body)
    {
        try {
            save(body);
        } catch (const InvalidInput& error) {
            return error.fields();
        }
        return {};
    }
    std::optional<std::string> storedPassword()
    {
        return storage.tables().query("SELECT password FROM smtp_config", {}).at(0).at(0);
    }
};

const std::string kDocumented = R"({
  "server": "smtp.gmail.com", "port": 587, "username": "your-email@gmail.com", "password": "CANARY-app-password",
  "use_tls": true, "from_email": "noreply@yourcompany.com", "from_name": "APB Farm"})";

} // namespace

BOOST_AUTO_TEST_SUITE(SmtpRoutes)

BOOST_FIXTURE_TEST_CASE(are_four_and_for_administrators_only, RoutesFixture)
{
    BOOST_TEST(routes.routes.size() == 4u);
    for (const auto& route : routes.routes)
        BOOST_CHECK(route.access == Access::Admin);
}

BOOST_FIXTURE_TEST_CASE(show_null_without_a_configuration, RoutesFixture)
{
    BOOST_TEST(show().status == 200);
    BOOST_TEST(show().text == "null");
}

BOOST_FIXTURE_TEST_CASE(save_and_show_the_documented_members_without_the_password_C2, RoutesFixture)
{
    const auto saved = save(kDocumented);
    BOOST_TEST(saved.status == 200);
    BOOST_TEST(saved.type == "application/json");
    BOOST_TEST(saved.text == show().text);
    BOOST_TEST(!has(saved.text, "assword"));
    const auto config = object(saved.text);
    BOOST_TEST(config->getValue<int>("id") == 1);
    BOOST_TEST(config->getValue<std::string>("server") == "smtp.gmail.com");
    BOOST_TEST(config->getValue<int>("port") == 587);
    BOOST_TEST(config->getValue<std::string>("username") == "your-email@gmail.com");
    BOOST_TEST(config->getValue<bool>("use_tls"));
    BOOST_TEST(config->getValue<std::string>("from_email") == "noreply@yourcompany.com");
    BOOST_TEST(config->getValue<std::string>("from_name") == "APB Farm");
    BOOST_TEST(config->getValue<double>("created_at") > 1.6e9);
    BOOST_TEST(config->getValue<double>("created_at") == config->getValue<double>("updated_at"));
    BOOST_TEST(config->size() == 9u);
}

BOOST_FIXTURE_TEST_CASE(changes_are_in_the_audit_trail_without_the_password, RoutesFixture)
{
    save(kDocumented);
    ask(Method::Delete, "/admin/smtp");
    const auto events = storage.audit().list({});
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[0].action == "smtp_removed");
    BOOST_TEST(events[1].action == "smtp_changed");
    BOOST_TEST(events[1].actor == "admin");
    BOOST_TEST(events[1].result == "smtp.gmail.com:587");
}

BOOST_FIXTURE_TEST_CASE(saving_again_keeps_id_and_time_of_creation, RoutesFixture)
{
    const auto first = object(save(kDocumented).text);
    const auto second = object(save(R"({"server":"other.example.org","port":25,"use_tls":false})").text);
    BOOST_TEST(second->getValue<int>("id") == first->getValue<int>("id"));
    BOOST_TEST(second->getValue<double>("created_at") == first->getValue<double>("created_at"));
    BOOST_TEST(second->getValue<double>("updated_at") > first->getValue<double>("updated_at"));
    BOOST_TEST(second->isNull("username"));
    BOOST_TEST(!second->getValue<bool>("use_tls"));
}

BOOST_FIXTURE_TEST_CASE(the_password_lies_sealed_in_the_database_C1, RoutesFixture)
{
    save(kDocumented);
    const auto stored = storedPassword().value();
    BOOST_TEST(stored.starts_with("sealed:"));
    BOOST_TEST(!has(stored, "CANARY"));
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
        BOOST_TEST(!has(test::readFile(entry.path()), "CANARY"), entry.path());
}

BOOST_FIXTURE_TEST_CASE(leaving_the_password_out_keeps_it_for_the_same_server_and_user, RoutesFixture)
{
    save(kDocumented);
    const auto stored = storedPassword();
    save(R"({"server":"SMTP.gmail.com","port":2525,"username":"your-email@gmail.com"})");
    BOOST_CHECK(storedPassword() == stored);
    save(R"({"server":"smtp.gmail.com","port":587,"username":"your-email@gmail.com","password":null})");
    BOOST_CHECK(storedPassword() == stored);
}

BOOST_FIXTURE_TEST_CASE(a_password_never_moves_to_another_server_or_user, RoutesFixture)
{
    save(kDocumented);
    save(R"({"server":"evil.example.org","port":587,"username":"your-email@gmail.com"})");
    BOOST_TEST(!storedPassword());
    save(kDocumented);
    save(R"({"server":"smtp.gmail.com","port":587,"username":"somebody"})");
    BOOST_TEST(!storedPassword());
}

BOOST_FIXTURE_TEST_CASE(an_empty_password_removes_it, RoutesFixture)
{
    save(kDocumented);
    save(R"({"server":"smtp.gmail.com","port":587,"username":"your-email@gmail.com","password":""})");
    BOOST_TEST(!storedPassword());
}

BOOST_FIXTURE_TEST_CASE(a_plain_password_of_an_older_farm_is_used_and_sealed, RoutesFixture)
{
    MailServer server({"--auth", "farm:CANARY-old"});
    storage.tables().execute(
        {{"INSERT INTO smtp_config (id, server, port, username, password, use_tls, created_at, updated_at) "
          "VALUES (7, 'localhost', $1, 'farm', 'CANARY-old', 0, 1642694400.0, 1642694400.0)",
          {std::to_string(server.port())}}});
    BOOST_TEST(object(show().text)->getValue<int>("id") == 7);
    BOOST_TEST(storedPassword().value().starts_with("sealed:"));
    // Without TLS it is not sent, which is found out only after it was opened.
    BOOST_TEST(has(sendTest().text, "not sent without TLS"));
}

BOOST_FIXTURE_TEST_CASE(a_password_sealed_with_another_key_is_told_as_such, RoutesFixture)
{
    MailServer server;
    configure(server.port(), R"(,"use_tls":false,"username":"farm","password":"x")");
    util::AesSecretBox other{std::string(32, 'o')};
    storage.tables().execute({{"UPDATE smtp_config SET password = $1",
                               {"sealed:" + other.seal("x", "smtp_config/1/password")}}});
    BOOST_TEST(has(sendTest().text, "cannot be read any more"));
}

BOOST_FIXTURE_TEST_CASE(each_wrong_field_is_named, RoutesFixture)
{
    const auto errors = complaintsAbout(
        R"({"server":"a b","port":70000,"username":7,"use_tls":"yes","from_email":"nobody","from_name":"a\nb"})");
    std::vector<std::string> fields;
    for (const auto& error : errors)
        fields.push_back(error.field);
    std::sort(fields.begin(), fields.end());
    const std::vector<std::string> expected{"from_email", "from_name", "port", "server", "use_tls", "username"};
    BOOST_TEST(fields == expected, boost::test_tools::per_element());
    BOOST_TEST(show().text == "null");
}

BOOST_FIXTURE_TEST_CASE(ports_and_servers_that_cannot_be_are_refused, RoutesFixture)
{
    for (const std::string port : {"0", "-1", "65536", "1.5", "\"x\"", "true", "1e3", "9223372036854775807"})
        BOOST_TEST(complaintsAbout(R"({"server":"a","port":)" + port + "}").size() == 1u, port);
    BOOST_CHECK_THROW(save(R"({"server":"a","port":99999999999999999999})"), InvalidInput);
    for (const std::string server : {"", "a/b", "http://a", "a\\u0000b", "a\\r\\nb"})
        BOOST_TEST(complaintsAbout(R"({"server":")" + server + R"(","port":25})").size() == 1u, server);
    BOOST_TEST(complaintsAbout(R"({"port":25})").at(0).field == "server");
    BOOST_CHECK_THROW(save("[1]"), InvalidInput);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_sender_address_is_told_as_clients_know_it, RoutesFixture)
{
    BOOST_CHECK_EXCEPTION(save(R"({"server":"a","port":25,"from_email":"nobody"})"), InvalidInput,
                          [](const InvalidInput& error) {
                              return std::string(error.what()) == "Invalid from_email format";
                          });
}

BOOST_FIXTURE_TEST_CASE(removing_tells_whether_there_was_one, RoutesFixture)
{
    BOOST_CHECK_THROW(ask(Method::Delete, "/admin/smtp"), NotFound);
    save(kDocumented);
    const auto removed = ask(Method::Delete, "/admin/smtp");
    BOOST_TEST(removed.status == 200);
    BOOST_TEST(removed.text == R"({"message":"SMTP configuration deleted successfully"})");
    BOOST_TEST(show().text == "null");
}

BOOST_FIXTURE_TEST_CASE(a_test_mail_really_goes_out, RoutesFixture)
{
    MailServer server;
    configure(server.port(), R"(,"use_tls":false)");
    const auto answer = sendTest();
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.text == R"({"success":true,"message":"Test email sent successfully to admin@example.org"})");
    BOOST_TEST(server.mail().header("To") == "<admin@example.org>");
}

BOOST_FIXTURE_TEST_CASE(a_test_mail_that_fails_says_why_but_not_in_the_servers_words_M4, RoutesFixture)
{
    MailServer server({"--refuse", "recipient"});
    configure(server.port(), R"(,"use_tls":false)");
    const auto answer = sendTest();
    BOOST_TEST(answer.status == 400);
    const auto body = object(answer.text);
    BOOST_TEST(!body->getValue<bool>("success"));
    BOOST_TEST(body->getValue<std::string>("error") == "SMTP connection failed");
    BOOST_TEST(body->getValue<std::string>("detail") == "The mail server refused the recipient's address");
    BOOST_TEST(body->getValue<std::string>("request_id") == "request-1");
    BOOST_TEST(!has(answer.text, "CANARY"));
}

BOOST_FIXTURE_TEST_CASE(a_test_mail_without_configuration_says_so, RoutesFixture)
{
    const auto answer = sendTest();
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(object(answer.text)->getValue<std::string>("detail") == "No SMTP server is configured");
}

BOOST_FIXTURE_TEST_CASE(a_test_mail_needs_an_address, RoutesFixture)
{
    for (const std::string body : {"{}", R"({"test_email":5})", R"({"test_email":"a@b\r\nRCPT TO:<c@d>"})"})
        BOOST_CHECK_THROW(ask(Method::Post, "/admin/smtp/test", body), InvalidInput);
}

BOOST_FIXTURE_TEST_CASE(test_mails_are_limited_M4, RoutesFixture)
{
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(sendTest().status == 400);
    BOOST_CHECK_THROW(sendTest(), TooMany);
}

BOOST_AUTO_TEST_SUITE_END()
