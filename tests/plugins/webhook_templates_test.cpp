// SPDX-License-Identifier: MIT
#include "plugins/webhook_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

/// What the receiver of one target with this template gets.
struct Templated : WebhookFixture {
    FakeRequest sent(const std::string& lines, const Notification& message)
    {
        start(target("room", receiver.url(), lines));
        BOOST_TEST_REQUIRE(deliver(message) == "");
        return receiver.requests().back();
    }
    Poco::JSON::Object::Ptr body(const std::string& lines, const Notification& message)
    {
        return util::parseJsonObject(sent(lines, message).body);
    }
    /// A package whose name, reason and link are what an attacker would like to see in a chat room.
    static Notification hostile()
    {
        auto message = finished();
        message.subject = "<!channel> @everyone <b>*_x_*</b> [a](https://evil.example.org)\r\nX: y \xE2\x80\xAE\x1b[31m";
        message.text = "<script>alert(1)</script> & `code` ~~s~~ ||spoiler|| <@1234> <https://evil.example.org|click>\n"
                       "# heading\nbad bytes: \xff\xfe \"quoted\"\n";
        message.facts["pkgname"] = "<script>";
        return message;
    }
};

std::string text(const Poco::JSON::Object::Ptr& object, const std::string& name)
{
    return object->getValue<std::string>(name);
}

} // namespace

BOOST_AUTO_TEST_SUITE(WebhookTemplates)

BOOST_FIXTURE_TEST_CASE(generic_has_everything_as_plain_json, Templated)
{
    const auto got = body("", finished());
    BOOST_TEST(text(got, "event") == "build-failed");
    BOOST_TEST(text(got, "kind") == "build-finished");
    BOOST_TEST(text(got, "created_at") == "2023-11-14T22:13:20Z");
    BOOST_TEST(text(got, "subject") == finished().subject);
    BOOST_TEST(text(got->getObject("facts"), "status") == "failed");
}

BOOST_FIXTURE_TEST_CASE(matrix_puts_a_notice_under_the_id_of_the_message, Templated)
{
    const auto request = sent("room.template = matrix\nroom.token = syt_abc\n", finished());
    BOOST_TEST(request.method == "PUT");
    BOOST_TEST(request.target == "/hook/" + finished().id);
    BOOST_TEST(request.headers.at("authorization") == "Bearer syt_abc");
    const auto got = util::parseJsonObject(request.body);
    BOOST_TEST(text(got, "msgtype") == "m.notice");
    BOOST_TEST(text(got, "format") == "org.matrix.custom.html");
    BOOST_TEST(has(text(got, "body"), "Build of zlib for x86_64: failed\n"));
    BOOST_TEST(text(got, "formatted_body").starts_with("<strong>APB Build Failed: zlib (x86_64) - 48ea1df5</strong><br/>"));
}

BOOST_FIXTURE_TEST_CASE(in_matrix_nothing_is_markup_or_a_mention, Templated)
{
    const auto got = body("room.template = matrix\nroom.token = t\n", hostile());
    auto html = text(got, "formatted_body");
    for (const auto* own : {"<strong>", "</strong>", "<br/>"})
        for (auto at = html.find(own); at != std::string::npos; at = html.find(own))
            html.erase(at, std::string(own).size());
    BOOST_TEST(html.find_first_of("<>\"'") == std::string::npos, html);
    BOOST_TEST(has(html, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; "), html);
    BOOST_TEST(got->getObject("m.mentions")->size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(slack_gets_text_without_markup_links_and_mentions, Templated)
{
    const auto got = body("room.template = slack\n", hostile());
    BOOST_TEST(!got->getValue<bool>("mrkdwn"));
    BOOST_TEST(!got->getValue<bool>("unfurl_links"));
    BOOST_TEST(text(got, "text").find_first_of("<>") == std::string::npos);
    BOOST_TEST(text(got, "text").starts_with("&lt;!channel&gt; @everyone "));
}

BOOST_FIXTURE_TEST_CASE(discord_gets_an_embed_that_mentions_nobody, Templated)
{
    const auto got = body("room.template = discord\n", hostile());
    BOOST_TEST(got->getObject("allowed_mentions")->getArray("parse")->size() == 0u);
    const auto embed = got->getArray("embeds")->getObject(0);
    BOOST_TEST(text(embed, "url") == "https://farm.example.org/build/48ea1df5/status");
    BOOST_TEST(embed->getValue<int>("color") == 0xc62828);
    for (const auto* part : {"title", "description"}) {
        const auto shown = text(embed, part);
        for (std::size_t i = 0; i < shown.size(); ++i) {
            if (shown[i] == '\\')
                ++i;
            else
                BOOST_TEST(std::string("*_~`|>#[]()<@").find(shown[i]) == std::string::npos, part << ": " << shown);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(ntfy_gets_topic_title_priority_and_a_link, Templated)
{
    const auto got = body("room.template = ntfy\nroom.topic = builds\n", finished());
    BOOST_TEST(text(got, "topic") == "builds");
    BOOST_TEST(text(got, "title") == finished().subject);
    BOOST_TEST(got->getValue<int>("priority") == 4);
    BOOST_TEST(got->getArray("tags")->getElement<std::string>(0) == "x");
    BOOST_TEST(text(got, "click") == "https://farm.example.org/build/48ea1df5/status");
    BOOST_TEST(!got->has("markdown"));
}

BOOST_FIXTURE_TEST_CASE(a_link_that_is_no_web_address_is_left_out, Templated)
{
    auto message = finished();
    message.facts["url"] = "javascript:alert(1)";
    BOOST_TEST(!body("room.template = ntfy\nroom.topic = builds\n", message)->has("click"));
}

/// Control characters and those that turn the direction of writing never arrive; bytes that are no text are replaced.
BOOST_FIXTURE_TEST_CASE(what_is_shown_is_what_is_there, Templated)
{
    const auto subject = text(body("", hostile()), "subject");
    BOOST_TEST(subject.find_first_of("\r\n\x1b") == std::string::npos);
    BOOST_TEST(!has(subject, "\xE2\x80\xAE"));
    BOOST_TEST(has(text(util::parseJsonObject(receiver.requests().back().body), "text"), "bad bytes: \xEF\xBF\xBD\xEF\xBF\xBD"));
}

/// M5: a body has 64 KiB at most, and each receiver's own limits hold.
BOOST_FIXTURE_TEST_CASE(huge_messages_are_cut_to_what_receivers_take_M5, Templated)
{
    auto message = finished();
    message.subject = std::string(100'000, '*');
    message.text = std::string(1'000'000, '\\');
    for (int i = 0; i < 1000; ++i)
        message.facts["fact" + std::to_string(i)] = std::string(100'000, '"');
    WebhookReceiver matrix, discord;
    start(target("a", receiver.url()) + target("b", matrix.url(), "b.template = matrix\n") +
          target("c", discord.url(), "c.template = discord\n"));
    BOOST_TEST(deliver(message) == "");
    for (const auto* one : {&receiver, &matrix, &discord})
        BOOST_TEST(one->requests().front().body.size() <= 64u * 1024);
    const auto embed = util::parseJsonObject(discord.requests().front().body)->getArray("embeds")->getObject(0);
    BOOST_TEST(text(embed, "title").size() <= 256u);
    BOOST_TEST(text(embed, "description").size() <= 4096u);
}

BOOST_AUTO_TEST_SUITE_END()
