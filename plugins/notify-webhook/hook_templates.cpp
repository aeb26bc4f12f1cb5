// SPDX-License-Identifier: MIT
#include "hook_templates.h"

#include "hook_signature.h"
#include "hook_text.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/Timestamp.h>
#include <Poco/URI.h>

#include <sstream>
#include <stdexcept>

namespace webhook {

using namespace apbfarm;
using Poco::JSON::Array;
using Poco::JSON::Object;

namespace {

constexpr std::size_t kBodyLimit = 64 * 1024;
constexpr std::size_t kSubjectLimit = 250;
constexpr std::size_t kTextLimit = 2000;
constexpr std::size_t kFacts = 20;
constexpr std::size_t kFactLimit = 300;

Object ordered()
{
    return Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

std::string subjectOf(const Notification& message)
{
    return cleanLine(message.subject, kSubjectLimit);
}

std::string textOf(const Notification& message)
{
    auto text = cleanText(message.text, kTextLimit);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string timeOf(const Notification& message)
{
    return Poco::DateTimeFormatter::format(Poco::Timestamp(message.createdAt.time_since_epoch().count()),
                                           Poco::DateTimeFormat::ISO8601_FORMAT);
}

/// The farm's page about it; empty when there is none.
std::string linkOf(const Notification& message)
{
    const auto found = message.facts.find("url");
    if (found == message.facts.end() || !(found->second.starts_with("https://") || found->second.starts_with("http://")))
        return {};
    std::string link;
    Poco::URI::encode(found->second, "<>\"'`()| ", link);
    return link;
}

enum class Mood { Good, Bad, Neutral, Alarm };

Mood moodOf(const Notification& message)
{
    const auto event = eventOf(message);
    if (event == "build-completed")
        return Mood::Good;
    if (event == "build-failed")
        return Mood::Bad;
    return message.kind == NotificationKind::ServerTrouble ? Mood::Alarm : Mood::Neutral;
}

Object generic(const Notification& message)
{
    auto facts = ordered();
    for (const auto& [name, value] : message.facts)
        if (facts.size() < kFacts)
            facts.set(cleanLine(name, 64), cleanText(value, kFactLimit));
    auto body = ordered();
    body.set("id", message.id);
    body.set("event", eventOf(message));
    body.set("kind", std::string(apbfarm::toText(message.kind)));
    body.set("created_at", timeOf(message));
    body.set("subject", subjectOf(message));
    body.set("text", textOf(message));
    body.set("facts", facts);
    return body;
}

/// Event m.room.message of the client-server API.
Object matrix(const Notification& message)
{
    auto body = ordered();
    body.set("msgtype", "m.notice");
    body.set("body", subjectOf(message) + "\n" + textOf(message));
    body.set("format", "org.matrix.custom.html");
    body.set("formatted_body", "<strong>" + escapeHtml(subjectOf(message)) + "</strong><br/>" + escapeHtml(textOf(message)));
    body.set("m.mentions", ordered());
    return body;
}

Object slack(const Notification& message)
{
    auto body = ordered();
    body.set("text", escapeSlack(subjectOf(message) + "\n" + textOf(message)));
    body.set("mrkdwn", false);
    body.set("unfurl_links", false);
    body.set("unfurl_media", false);
    return body;
}

Object discord(const Notification& message)
{
    static constexpr int colors[] = {0x2e7d32, 0xc62828, 0x607d8b, 0xef6c00};
    auto embed = ordered();
    // Half of what Discord takes: every character may need a backslash.
    embed.set("title", escapeDiscord(cleanLine(message.subject, 125)));
    embed.set("description", escapeDiscord(textOf(message)));
    if (const auto link = linkOf(message); !link.empty())
        embed.set("url", link);
    embed.set("color", colors[static_cast<int>(moodOf(message))]);
    embed.set("timestamp", timeOf(message));
    Array embeds, nobody;
    embeds.add(embed);
    auto mentions = ordered();
    mentions.set("parse", nobody);
    auto body = ordered();
    body.set("embeds", embeds);
    body.set("allowed_mentions", mentions);
    return body;
}

Object ntfy(const Target& target, const Notification& message)
{
    static constexpr const char* tags[] = {"white_check_mark", "x", "information_source", "warning"};
    static constexpr int priorities[] = {3, 4, 3, 4};
    const auto mood = static_cast<int>(moodOf(message));
    Array list;
    list.add(std::string(tags[mood]));
    auto body = ordered();
    body.set("topic", target.topic);
    body.set("title", subjectOf(message));
    body.set("message", textOf(message));
    body.set("priority", priorities[mood]);
    body.set("tags", list);
    if (const auto link = linkOf(message); !link.empty())
        body.set("click", link);
    return body;
}

Object bodyFor(const Target& target, const Notification& message)
{
    switch (target.format) {
    case Template::Generic: return generic(message);
    case Template::Matrix: return matrix(message);
    case Template::Slack: return slack(message);
    case Template::Discord: return discord(message);
    case Template::Ntfy: return ntfy(target, message);
    }
    return generic(message);
}

} // namespace

HookRequest compose(const Target& target, const Notification& message, std::int64_t now)
{
    std::ostringstream body;
    bodyFor(target, message).stringify(body);
    HookRequest request;
    request.body = body.str();
    if (request.body.size() > kBodyLimit)
        throw InvalidInput("The message is too large for a webhook");
    request.path = target.url.path;
    if (target.format == Template::Matrix) {
        // The transaction id: the homeserver drops repeats by itself.
        std::string id;
        Poco::URI::encode(message.id, "/?#%", id);
        request.method = "PUT";
        request.path += (request.path.ends_with('/') ? "" : "/") + id;
    }
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", "apb-farm"},
                       {"X-Apb-Delivery", cleanLine(message.id, 128)},
                       {"X-Apb-Event", eventOf(message)}};
    if (!target.token.empty())
        request.headers.emplace_back("Authorization", "Bearer " + target.token);
    if (!target.secret.empty())
        request.headers.emplace_back("X-Apb-Signature", signatureOf(target.secret, now, request.body));
    return request;
}

} // namespace webhook
