// SPDX-License-Identifier: MIT
#include "plugins/mail_server.h"
#include "plugins/webhook_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;
using namespace std::chrono_literals;

namespace {

/// An HTTPS server whose certificate is for these names.
struct SecureReceiver {
    explicit SecureReceiver(const std::string& names) : certificate(dir, names)
    {
        program = std::make_unique<ChildProcess>(
            std::vector<std::string>{"/usr/bin/python3", sourceDirectory() / "tests/support/https_receiver.py",
                                     certificate.certificate, certificate.key, dir / "port", dir / "paths"},
            dir / "log");
        port = waitForPort(dir / "port", *program);
    }
    std::string url(const std::string& host) const { return "https://" + host + ":" + std::to_string(port) + "/secret-path"; }
    std::string paths() const { return readFile(dir / "paths"); }

    TempDir dir;
    Certificate certificate;
    std::unique_ptr<ChildProcess> program;
    std::uint16_t port = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(NotifyWebhook)

BOOST_FIXTURE_TEST_CASE(without_targets_nothing_is_queued_for_it, WebhookFixture)
{
    BOOST_TEST(!host.createNotifier("webhook")->enabled());
}

BOOST_FIXTURE_TEST_CASE(it_is_a_channel, WebhookFixture)
{
    startOne();
    BOOST_TEST(notifier->enabled());
    BOOST_TEST((notifier->audience() == Audience::Channel));
}

BOOST_FIXTURE_TEST_CASE(a_delivery_has_id_event_and_a_signature_with_time_M5, WebhookFixture)
{
    startOne();
    BOOST_TEST(deliver(finished()) == "");
    BOOST_REQUIRE(receiver.count() == 1);
    const auto request = receiver.requests().front();
    BOOST_TEST(request.method == "POST");
    BOOST_TEST(request.target == "/hook");
    BOOST_TEST(request.headers.at("host") == "127.0.0.1:" + std::to_string(receiver.port()));
    BOOST_TEST(request.headers.at("content-type") == "application/json");
    BOOST_TEST(request.headers.at("x-apb-delivery") == finished().id);
    BOOST_TEST(request.headers.at("x-apb-event") == "build-failed");
    const auto body = util::parseJsonObject(request.body);
    BOOST_TEST(body->getValue<std::string>("id") == finished().id);
    BOOST_TEST(body->getObject("facts")->getValue<std::string>("pkgname") == "zlib");
    BOOST_TEST(request.headers.at("x-apb-signature").starts_with("t="));
    BOOST_TEST(!request.headers.contains("authorization"));
}

/// The snippet of the README, typed off it.
BOOST_FIXTURE_TEST_CASE(the_documented_check_of_a_signature_accepts_ours_and_no_other_M5, WebhookFixture)
{
    startOne();
    deliver(finished());
    const auto request = receiver.requests().front();
    const auto readme = readFile(sourceDirectory() / "plugins/notify-webhook/README.md");
    const auto begin = readme.find("```python\n") + 10;
    std::ofstream(dir / "hook.py") << readme.substr(begin, readme.find("```", begin) - begin) << R"(
import sys, time
header, body = sys.argv[1], open(sys.argv[2], "rb").read()
secret = b"0123456789abcdef0123456789abcdef"
assert is_from_the_farm(secret, header, body)
assert not is_from_the_farm(secret, header, body + b" ")
assert not is_from_the_farm(b"another secret of that length!!!", header, body)
assert not is_from_the_farm(secret, "t=" + str(int(time.time()) - 301) + header[header.index(","):], body)
assert not is_from_the_farm(secret, "", body)
old = str(int(time.time()) - 3600)
import hmac, hashlib
assert not is_from_the_farm(secret, "t=" + old + ",v1=" + hmac.new(secret, (old + ".").encode() + body, hashlib.sha256).hexdigest(), body)
)";
    std::ofstream(dir / "body") << request.body;
    ChildProcess python({"/usr/bin/python3", dir / "hook.py", request.headers.at("x-apb-signature"), dir / "body"}, dir / "log");
    BOOST_TEST((python.wait() == 0), python.output());
}

BOOST_FIXTURE_TEST_CASE(passing_trouble_means_later_and_a_plain_no_means_never, WebhookFixture)
{
    startOne();
    for (const int status : {500, 502, 503, 504, 408, 425}) {
        receiver.answer({{.status = status}});
        BOOST_TEST(deliver(finished()) == "later: team: it answered with status " + std::to_string(status));
    }
    for (const int status : {400, 401, 403, 404, 405, 410, 413, 422}) {
        receiver.answer({{.status = status}});
        BOOST_TEST(deliver(finished("failed", "refused-" + std::to_string(status))) ==
                   "never: team: it answered with status " + std::to_string(status));
    }
    for (const int status : {200, 201, 202, 204}) {
        receiver.answer({{.status = status}});
        BOOST_TEST(deliver(finished()) == "");
    }
}

BOOST_FIXTURE_TEST_CASE(redirects_are_not_followed_M5, WebhookFixture)
{
    startOne();
    WebhookReceiver elsewhere;
    int number = 0;
    for (const int status : {301, 302, 303, 307, 308}) {
        receiver.answer({{.status = status, .headers = "Location: " + elsewhere.url() + "\r\n"}});
        BOOST_TEST(has(deliver(finished("failed", "redirected-" + std::to_string(++number))), "redirects are not followed"));
    }
    BOOST_TEST(elsewhere.count() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_pause_that_it_asks_for_is_kept_within_an_hour, WebhookFixture)
{
    startOne();
    const auto pauseAfter = [&](const std::string& header) {
        receiver.answer({{.status = 429, .headers = header}});
        try {
            notifier->deliver(finished());
        } catch (const Unavailable& error) {
            return error.retryAfter();
        }
        return 0s;
    };
    BOOST_TEST((pauseAfter("Retry-After: 1\r\n") == 1s));
    BOOST_TEST(eventually([&] { return deliver(finished()).empty(); }));
    const auto before = receiver.count();
    BOOST_TEST((pauseAfter("Retry-After: 999999\r\n") == 3600s));
    BOOST_TEST(has(deliver(finished()), "it asked for a pause"));
    BOOST_TEST(receiver.count() == before + 1);
}

BOOST_FIXTURE_TEST_CASE(a_silent_or_dripping_receiver_is_left_after_the_time_limit_M1, WebhookFixture)
{
    FakeHttpListener dripping([](FakeConnection& connection) {
        FakeRequest request;
        connection.readHead(request);
        connection.drip("HTTP/1.1 200 OK\r\nX: " + std::string(10000, 'x'), 20ms);
    });
    receiver.answer({{.silent = true}});
    set("notify.webhook.timeout", "1");
    start(target("silent", receiver.url()) +
          target("dripping", "http://127.0.0.1:" + std::to_string(dripping.port()) + "/"));
    const auto begin = std::chrono::steady_clock::now();
    const auto failure = deliver(finished());
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 10s));
    BOOST_TEST(has(failure, "silent: it took too long"), failure);
    BOOST_TEST(has(failure, "dripping: it took too long"), failure);
    BOOST_TEST(has(deliver(finished()), "too slow a moment ago"));
}

BOOST_FIXTURE_TEST_CASE(an_endless_answer_is_not_read_to_its_end, WebhookFixture)
{
    FakeHttpListener endless([](FakeConnection& connection) {
        FakeRequest request;
        connection.readHead(request);
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        while (connection.send(std::string(10000, 'x'))) {
        }
    });
    start(target("endless", "http://127.0.0.1:" + std::to_string(endless.port()) + "/"));
    BOOST_TEST(deliver(finished()) == "");
}

BOOST_FIXTURE_TEST_CASE(one_target_that_is_away_does_not_make_others_get_a_message_twice, WebhookFixture)
{
    WebhookReceiver other;
    start(target("away", receiver.url()) + target("here", other.url()));
    receiver.answer({{.status = 500}, {.status = 500}});
    BOOST_TEST(has(deliver(finished()), "later: away"));
    BOOST_TEST(has(deliver(finished()), "later: away"));
    BOOST_TEST(deliver(finished()) == "");
    BOOST_TEST(other.count() == 1);
    BOOST_TEST(receiver.count() == 3);
}

BOOST_FIXTURE_TEST_CASE(a_refusal_of_one_target_is_told_when_the_others_are_done, WebhookFixture)
{
    WebhookReceiver other;
    start(target("away", receiver.url()) + target("strict", other.url()));
    receiver.answer({{.status = 500}});
    other.answer({{.status = 404}});
    BOOST_TEST(deliver(finished()) == "later: away: it answered with status 500");
    BOOST_TEST(deliver(finished()) == "never: strict: it answered with status 404");
    BOOST_TEST(other.count() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_target_gets_the_events_that_it_asked_for, WebhookFixture)
{
    startOne("team.events = build-failed, server-trouble\n");
    BOOST_TEST(deliver(finished("completed")) == "");
    BOOST_TEST(receiver.count() == 0);
    deliver(finished("failed"));
    auto trouble = finished();
    trouble.kind = NotificationKind::ServerTrouble;
    deliver(trouble);
    BOOST_TEST(receiver.count() == 2);
}

// Certificates and encryption.

BOOST_FIXTURE_TEST_CASE(it_delivers_over_https_and_checks_whose_certificate_it_is_M5, WebhookFixture)
{
    SecureReceiver right("DNS:localhost"), other("DNS:elsewhere.example.org");
    set("notify.webhook.caFile", right.certificate.certificate);
    start("right.url = " + right.url("localhost") + "\n");
    BOOST_TEST(deliver(finished()) == "");
    BOOST_TEST(right.paths() == "/secret-path\n");

    BundledPlugins again;
    again.openStorage();
    again.load({"notify-webhook"});
    again.set("notify.webhook.caFile", other.certificate.certificate);
    again.set("notify.webhook.allowPrivate", "true");
    again.set("notify.webhook.targetsFile", writeSecretFile(again.dir / "webhooks", "wrong.url = " + other.url("localhost") +
                                                         "\nunknown.url = " + right.url("localhost") + "\n"));
    notifier = again.host.createNotifier("webhook");
    const auto failure = deliver(finished("failed", "second"));
    BOOST_TEST(has(failure, "unknown: its certificate is not valid"), failure);
    BOOST_TEST(has(failure, "wrong: its certificate is not valid"), failure);
    BOOST_TEST(right.paths() == "/secret-path\n");
    BOOST_TEST(other.paths() == "");
    notifier = nullptr;
}

// Addresses.

BOOST_FIXTURE_TEST_CASE(this_machine_and_private_networks_are_contacted_only_when_the_option_says_so_M5, WebhookFixture)
{
    set("notify.webhook.allowPrivate", "false");
    start(target("team", "http://localhost:" + std::to_string(receiver.port()) + "/"));
    BOOST_TEST(has(deliver(finished()), "notify.webhook.allowPrivate"));
    BOOST_TEST(receiver.count() == 0);
}

BOOST_FIXTURE_TEST_CASE(addresses_in_urls_are_judged_at_the_start_M5, WebhookFixture)
{
    for (const auto* address : {"10.1.2.3", "127.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "[::1]",
                                "[fd12::1]", "[fec0::1]", "[::ffff:10.0.0.1]", "[64:ff9b::c0a8:101]", "[2002:c0a8:101::]",
                                "[64:ff9b:1::7f00:1]", "[::127.0.0.1]"})
        BOOST_TEST(has(complaintAbout(std::string("x.url = https://") + address + "/", "false"), "is private"), address);
}

BOOST_FIXTURE_TEST_CASE(some_addresses_are_never_contacted_whatever_the_options_say_M5, WebhookFixture)
{
    for (const auto* address : {"169.254.169.254", "169.254.0.1", "100.100.100.200", "192.0.0.192", "0.0.0.0", "224.0.0.1",
                                "255.255.255.255", "[fe80::1]", "[ff02::1]", "[::]", "[fd00:ec2::254]",
                                "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]"})
        BOOST_TEST(has(complaintAbout(std::string("x.url = https://") + address + "/", "true"), "never contacted"), address);
}

// The file of targets.

BOOST_FIXTURE_TEST_CASE(a_file_of_targets_that_others_may_read_stops_the_start, WebhookFixture)
{
    const auto file = writeSecretFile(dir / "open", "team.url = https://hooks.example.org/\n");
    std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    set("notify.webhook.targetsFile", file);
    BOOST_CHECK_EXCEPTION(host.createNotifier("webhook"), std::exception,
                          [](const std::exception& error) { return has(error.what(), "chmod 0600"); });
}

BOOST_FIXTURE_TEST_CASE(a_wrong_target_stops_the_start_with_its_name_and_without_its_secrets_C2, WebhookFixture)
{
    const std::string canary = "CANARY-0123456789abcdef";
    const std::string good = "team.url = https://hooks.example.org/" + canary + "\n";
    const std::pair<std::string, std::string> wrong[] = {
        {"team.url = ftp://hooks.example.org/" + canary, "https://"},
        {"team.url = https://user:" + canary + "@hooks.example.org/", "user name"},
        {"team.url = https://hooks.example.org/" + canary + "#x", "'#'"},
        {"team.url = http://hooks.example.org/" + canary, "plainHttp"},
        {"team.secret = " + canary + "\nteam.url =", "url"},
        {good + "team.secret = short", "shorter than"},
        {good + "team.template = teams", "teams"},
        {good + "team.template = ntfy", "topic"},
        {good + "team.events = build-exploded", "build-exploded"},
        {good + "team.colour = red", "colour"},
        {"Team_1.url = https://hooks.example.org/", "small letters"},
        {"url = https://hooks.example.org/" + canary, "target.key"},
        {"team.url = https://hooks.example.org/?a=b\nteam.template = matrix", "'?'"},
        {"team.url = https://hooks.example.org/\nteam.template = matrix\nteam.token = a b", "visible ASCII"},
    };
    for (const auto& [lines, part] : wrong) {
        const auto complaint = complaintAbout(lines + "\n", "false");
        BOOST_TEST(has(complaint, part), lines << " -> " << complaint);
        BOOST_TEST(!has(complaint, canary), complaint);
    }
}

// What administrators see.

BOOST_FIXTURE_TEST_CASE(targets_that_change_are_read_again_without_a_restart, WebhookFixture)
{
    startOne();
    const auto change = [&](const std::string& targets) {
        const auto fresh = writeSecretFile(dir / "fresh", targets);
        std::filesystem::rename(fresh, dir / "webhooks");
    };
    change("");
    BOOST_TEST(!notifier->enabled());
    change(target("other", receiver.url() + "-other"));
    BOOST_TEST(notifier->enabled());
    BOOST_TEST(deliver(finished()) == "");
    BOOST_REQUIRE(receiver.count() == 1);
    BOOST_TEST(receiver.requests().front().target == "/hook-other");
    BOOST_TEST(show().text.find("\"team\"") == std::string::npos);
    BOOST_TEST(show().text.find("\"other\"") != std::string::npos);
    BOOST_CHECK_THROW(sendTest("team"), NotFound);
}

BOOST_FIXTURE_TEST_CASE(a_change_of_targets_that_makes_no_sense_leaves_them_as_they_were, WebhookFixture)
{
    startOne();
    writeSecretFile(dir / "webhooks", "team.url = ftp://example.org/\n");
    BOOST_TEST(deliver(finished()) == "");
    std::filesystem::remove(dir / "webhooks");
    BOOST_TEST(deliver(finished("completed", "b3f1c2d4-1111-4222-8333-444455556667")) == "");
    BOOST_TEST(receiver.count() == 2);
    // A file that others may read is no better when it comes later.
    writeSecretFile(dir / "webhooks", target("other", receiver.url()));
    std::filesystem::permissions(dir / "webhooks", std::filesystem::perms(0644));
    BOOST_TEST(show().text.find("\"other\"") == std::string::npos);
    std::filesystem::permissions(dir / "webhooks", std::filesystem::perms(0600));
    BOOST_TEST(show().text.find("\"other\"") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(administrators_see_how_targets_do_but_no_secrets_C2, WebhookFixture)
{
    start(target("team", receiver.url("/CANARY-path"), std::string("team.secret = ") + kHookSecret + "\nteam.token = CANARY-token\n"));
    deliver(finished());
    receiver.answer({{.status = 403, .body = "CANARY-answer"}});
    deliver(finished("failed", "refused"));
    const auto shown = show();
    BOOST_TEST(shown.status == 200);
    const auto answer = util::parseJsonObject(shown.text);
    const auto targets = answer->getArray("targets")->getObject(0);
    BOOST_TEST(targets->getValue<std::string>("name") == "team");
    BOOST_TEST(targets->getValue<std::string>("host") == "127.0.0.1");
    BOOST_TEST(targets->getValue<int>("delivered") == 1);
    BOOST_TEST(targets->getValue<int>("refused") == 1);
    const auto refused = answer->getArray("refused")->getObject(0);
    BOOST_TEST(refused->getValue<std::string>("id") == "refused");
    BOOST_TEST(refused->getValue<std::string>("reason") == "it answered with status 403");
    for (const auto* secret : {"CANARY", kHookSecret})
        BOOST_TEST(!has(shown.text, secret));
}

BOOST_FIXTURE_TEST_CASE(a_test_message_goes_to_one_target_and_tests_are_limited_M4, WebhookFixture)
{
    startOne("team.events = build-failed\n");
    BOOST_TEST(util::parseJsonObject(sendTest("team").text)->getValue<bool>("success"));
    BOOST_TEST(receiver.requests().front().headers.at("x-apb-event") == "test");
    BOOST_CHECK_THROW(sendTest("nobody"), NotFound);
    receiver.answer({{.status = 500, .body = "CANARY"}});
    const auto failed = sendTest("team");
    BOOST_TEST(has(failed.text, "status 500"));
    BOOST_TEST(!has(failed.text, "CANARY"));
    for (int i = 0; i < 3; ++i)
        sendTest("team");
    BOOST_CHECK_THROW(sendTest("team"), TooMany);
}

BOOST_FIXTURE_TEST_CASE(the_routes_are_for_administrators_and_need_the_notifier, WebhookFixture)
{
    BOOST_CHECK_THROW(host.createHttpModule("webhook"), std::exception);
    BundledPlugins other;
    other.openStorage();
    other.load({"notify-webhook"});
    other.host.createNotifier("webhook");
    other.host.createHttpModule("webhook").declare(routes);
    BOOST_TEST(routes.routes.size() == 2u);
    for (const auto& route : routes.routes)
        BOOST_TEST((route.access == Access::Admin));
}

BOOST_AUTO_TEST_SUITE_END()
