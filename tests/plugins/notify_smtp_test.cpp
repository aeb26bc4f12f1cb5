// SPDX-License-Identifier: MIT
#include "plugins/smtp_fixture.h"

#include <Poco/Base64Decoder.h>

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace apbfarm;
using test::has;
using test::MailServer;
using test::SmtpFixture;

namespace {

std::string decoded(const std::string& base64)
{
    std::istringstream in(base64);
    Poco::Base64Decoder decoder(in);
    return {std::istreambuf_iterator<char>(decoder), {}};
}

struct TlsFixture : SmtpFixture {
    explicit TlsFixture(const std::string& names = "DNS:localhost") : certificate(dir, names)
    {
        set("notify.smtp.caFile", certificate.certificate);
    }
    std::vector<std::string> tls(std::vector<std::string> more = {}) const
    {
        std::vector<std::string> options{"--certificate", certificate.certificate, "--key", certificate.key};
        options.insert(options.end(), more.begin(), more.end());
        return options;
    }
    test::Certificate certificate;
};

struct WrongNameFixture : TlsFixture {
    WrongNameFixture() : TlsFixture("DNS:mail.example.org") {}
};

std::string troubleOf(Notifier& notifier, const Notification& message)
{
    try {
        notifier.deliver(message);
        return "delivered";
    } catch (const InvalidInput& error) {
        return std::string("never: ") + error.what();
    } catch (const std::exception& error) {
        return std::string("later: ") + error.what();
    }
}

const std::string kPlain = R"(,"use_tls":false)";
const std::string kLogin = R"(,"username":"farm","password":"CANARY-secret")";

} // namespace

BOOST_AUTO_TEST_SUITE(NotifySmtp)

BOOST_FIXTURE_TEST_CASE(is_enabled_while_a_mail_server_is_configured, SmtpFixture)
{
    start();
    BOOST_TEST(!notifier->enabled());
    BOOST_TEST(has(troubleOf(*notifier, notification()), "later: No SMTP server is configured"));
    configure(2525);
    BOOST_TEST(notifier->enabled());
    ask(Method::Delete, "/admin/smtp");
    BOOST_TEST(!notifier->enabled());
}

BOOST_FIXTURE_TEST_CASE(delivers_a_mail_that_says_all_it_should_M2, SmtpFixture)
{
    MailServer server;
    start();
    configure(server.port(), kPlain + R"(,"from_email":"noreply@farm.example","from_name":"APB Farm")");
    notifier->deliver(notification());
    const auto mail = server.mail();
    BOOST_TEST(mail.facts->getValue<std::string>("from") == "noreply@farm.example");
    BOOST_TEST(mail.facts->getArray("to")->getElement<std::string>(0) == "alice@example.org");
    BOOST_TEST(mail.header("From") == "APB Farm <noreply@farm.example>");
    BOOST_TEST(mail.header("To") == "<alice@example.org>");
    BOOST_TEST(mail.header("Subject") == "APB Build Completed Successfully: hello");
    BOOST_TEST(mail.header("Date") == "Tue, 14 Nov 2023 22:13:20 +0000");
    BOOST_TEST(mail.header("Message-ID") == "<b3f1c2d4-1111-4222-8333-444455556666@farm.example>");
    BOOST_TEST(mail.header("Auto-Submitted") == "auto-generated");
    BOOST_TEST(mail.header("MIME-Version") == "1.0");
    BOOST_TEST(mail.header("Content-Type") == "text/plain; charset=utf-8");
    BOOST_TEST(decoded(mail.body()) == "Your build is done.\r\n");
}

BOOST_FIXTURE_TEST_CASE(has_a_sender_when_none_is_configured, SmtpFixture)
{
    MailServer server;
    start();
    configure(server.port(), kPlain);
    notifier->deliver(notification());
    BOOST_TEST(server.mail().header("From") == "APB Farm <noreply@localhost>");
}

BOOST_FIXTURE_TEST_CASE(carries_any_text_whole_in_short_lines_M2, SmtpFixture)
{
    MailServer server;
    start();
    configure(server.port(), kPlain + R"(,"from_name":"F\u00e4rm \"quoted\" <x@y>, z")");
    auto message = notification();
    message.subject = "\xc3\x9c" "bersetzt: ";
    for (int i = 0; i < 60; ++i)
        message.subject += "\xe2\x9c\x93";
    message.text = "one\n.\n..two\r\nthree\rfour\n" + std::string(5000, 'x') + "\n.\nend \xe2\x9c\x93";
    notifier->deliver(message);

    const auto mail = server.mail();
    std::istringstream lines(mail.content);
    for (std::string line; std::getline(lines, line);) {
        BOOST_TEST(line.size() <= 78u);
        BOOST_TEST((!line.empty() && line.back() == '\r'));
    }
    BOOST_TEST(decoded(mail.body()) == "one\r\n.\r\n..two\r\nthree\r\nfour\r\n" + std::string(5000, 'x') +
                                           "\r\n.\r\nend \xe2\x9c\x93");
    BOOST_TEST(has(mail.header("From"), "=?utf-8?B?"));
    BOOST_TEST(!has(mail.header("From"), ","));
    std::string subject;
    std::istringstream words(mail.header("Subject"));
    for (std::string word; words >> word;) {
        BOOST_TEST(word.size() <= 75u);
        subject += decoded(word.substr(10, word.size() - 12));
    }
    BOOST_TEST(subject == message.subject);
}

BOOST_FIXTURE_TEST_CASE(refuses_for_good_what_could_smuggle_headers_or_commands_M2, SmtpFixture)
{
    MailServer server;
    start();
    configure(server.port(), kPlain);
    for (const std::string address :
         {"", "alice", "a@b@c", "a b@example.org", "alice@example.org\r\nDATA", "<alice@example.org>", "\"a\"@example.org",
          "a@example.org,b@example.org", "a@exa\xc3\xa4mple.org", "a@", "@b", "a@b..c", "a@-b", "a\x01@b"}) {
        auto message = notification();
        message.recipientEmail = address;
        BOOST_TEST(has(troubleOf(*notifier, message), "never: "), address);
    }
    for (const std::string& subject : {std::string("one\r\nBcc: x@y"), std::string("one\ntwo"), std::string("nul\0", 4),
                                       std::string("\x1b[2J"), std::string("\xff\xfe")}) {
        auto message = notification();
        message.subject = subject;
        BOOST_TEST(has(troubleOf(*notifier, message), "never: "));
    }
    auto odd = notification();
    odd.id = "x>\r\nBcc: y";
    BOOST_TEST(troubleOf(*notifier, odd) == "delivered");
    BOOST_TEST(server.mail(1).header("Message-ID") == "<x---Bcc--y@localhost>");
    BOOST_TEST(!server.hasMail(2));
}

BOOST_FIXTURE_TEST_CASE(repeats_carry_the_same_message_id, SmtpFixture)
{
    MailServer server;
    start();
    configure(server.port(), kPlain);
    notifier->deliver(notification());
    notifier->deliver(notification());
    BOOST_TEST(server.mail(1).content == server.mail(2).content);
}

BOOST_FIXTURE_TEST_CASE(encrypts_with_starttls_before_it_logs_in_M3, TlsFixture)
{
    MailServer server(tls({"--auth", "farm:CANARY-secret"}));
    start();
    configure(server.port(), kLogin);
    notifier->deliver(notification());
    BOOST_TEST(server.mail().facts->getValue<bool>("tls"));
    BOOST_TEST(server.mail().facts->getValue<std::string>("login") == "farm");
}

BOOST_FIXTURE_TEST_CASE(encrypts_from_the_first_byte_on_the_ports_for_that_M3, TlsFixture)
{
    MailServer server(tls({"--implicit-tls", "--auth", "farm:CANARY-secret"}));
    set("notify.smtp.implicitTlsPorts", "465, " + std::to_string(server.port()));
    start();
    configure(server.port(), kLogin);
    BOOST_TEST(troubleOf(*notifier, notification()) == "delivered");
    BOOST_TEST(server.mail().facts->getValue<std::string>("login") == "farm");
}

BOOST_FIXTURE_TEST_CASE(logs_in_where_only_auth_login_is_offered, TlsFixture)
{
    MailServer server(tls({"--auth", "farm:CANARY-secret", "--only-login"}));
    start();
    configure(server.port(), kLogin);
    BOOST_TEST(troubleOf(*notifier, notification()) == "delivered");
}

BOOST_FIXTURE_TEST_CASE(does_not_talk_to_a_server_whose_certificate_nobody_vouches_for_M3, TlsFixture)
{
    MailServer server(tls({"--auth", "farm:CANARY-secret"}));
    set("notify.smtp.caFile", "");
    start();
    configure(server.port(), kLogin);
    const auto trouble = troubleOf(*notifier, notification());
    BOOST_TEST(has(trouble, "later: TLS failed: the mail server's certificate"), trouble);
    BOOST_TEST(!server.hasMail(1));
}

BOOST_FIXTURE_TEST_CASE(does_not_talk_to_a_server_whose_certificate_is_for_another_name_M3, WrongNameFixture)
{
    MailServer server(tls({"--auth", "farm:CANARY-secret"}));
    start();
    configure(server.port(), kLogin);
    const auto trouble = troubleOf(*notifier, notification());
    BOOST_TEST(has(trouble, "later: TLS failed: the mail server's certificate"), trouble);
    BOOST_TEST(!server.hasMail(1));
}

BOOST_FIXTURE_TEST_CASE(does_not_go_on_without_encryption_when_the_server_has_none_M3, SmtpFixture)
{
    MailServer server;
    start();
    configure(server.port());
    BOOST_TEST(has(troubleOf(*notifier, notification()), "later: TLS failed: the mail server does not offer"));
    BOOST_TEST(!server.hasMail(1));
}

BOOST_FIXTURE_TEST_CASE(sends_no_password_without_encryption_unless_told_to_M3, SmtpFixture)
{
    MailServer server({"--auth", "farm:CANARY-secret"});
    start();
    configure(server.port(), kPlain + kLogin);
    BOOST_TEST(has(troubleOf(*notifier, notification()), "later: The password is not sent without TLS"));
}

BOOST_FIXTURE_TEST_CASE(sends_a_password_without_encryption_when_told_to_M3, SmtpFixture)
{
    MailServer server({"--auth", "farm:CANARY-secret"});
    set("notify.smtp.allowPlainAuth", "true");
    start();
    configure(server.port(), kPlain + kLogin);
    BOOST_TEST(troubleOf(*notifier, notification()) == "delivered");
}

BOOST_FIXTURE_TEST_CASE(a_refused_password_is_a_passing_trouble, TlsFixture)
{
    MailServer server(tls({"--auth", "farm:another"}));
    start();
    configure(server.port(), kLogin);
    BOOST_TEST(has(troubleOf(*notifier, notification()), "later: Authentication failed: Invalid credentials"));
}

BOOST_FIXTURE_TEST_CASE(a_recipient_or_message_refused_for_good_is_not_tried_again, SmtpFixture)
{
    start();
    for (const std::string what : {"recipient", "message"}) {
        MailServer server({"--refuse", what});
        configure(server.port(), kPlain);
        const auto trouble = troubleOf(*notifier, notification());
        BOOST_TEST(has(trouble, "never: The mail server refused the " + what));
        BOOST_TEST(!has(trouble, "CANARY"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_refusal_for_now_or_of_the_sender_is_tried_again, SmtpFixture)
{
    start();
    for (const std::string what : {"later", "sender"}) {
        MailServer server({"--refuse", what});
        configure(server.port(), kPlain);
        BOOST_TEST(has(troubleOf(*notifier, notification()), "later: The mail server refused"));
    }
}

BOOST_FIXTURE_TEST_CASE(a_silent_or_dripping_server_is_left_after_the_time_limit_M1, SmtpFixture)
{
    set("notify.smtp.timeout", "1");
    start();
    for (const std::string how : {"silent", "trickle"}) {
        MailServer server({"--behave", how});
        configure(server.port(), kPlain);
        const auto begin = std::chrono::steady_clock::now();
        BOOST_TEST(has(troubleOf(*notifier, notification()), "later: The mail server took too long"), how);
        BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)), how);
    }
}

BOOST_FIXTURE_TEST_CASE(a_server_that_is_not_there_is_told_as_such, SmtpFixture)
{
    std::uint16_t port = 0;
    {
        MailServer gone;
        port = gone.port();
    }
    start();
    configure(port, kPlain);
    BOOST_TEST(has(troubleOf(*notifier, notification()), "later: Connection failed"));
}

BOOST_FIXTURE_TEST_CASE(wrong_options_stop_the_start, SmtpFixture)
{
    set("notify.smtp.timeout", "31");
    BOOST_CHECK_THROW(start(), plugin::PluginError);
    set("notify.smtp.timeout", "30");
    set("notify.smtp.caFile", "/nowhere/ca.pem");
    BOOST_CHECK_THROW(host.createNotifier("smtp"), plugin::PluginError);
}

BOOST_AUTO_TEST_SUITE_END()
