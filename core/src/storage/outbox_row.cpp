// SPDX-License-Identifier: MIT
#include "storage/outbox_row.h"

#include "util/json_reader.h"
#include "util/json_writer.h"

#include <apbfarm/errors.h>

#include <array>

namespace apbfarm::storage {

namespace {

constexpr std::string_view kInsert = R"sql(
    INSERT INTO outbox (id, kind, recipient_name, recipient_email, subject, body, facts, created_at, due_at, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING)sql";

constexpr std::array<std::pair<NotificationKind, std::string_view>, 9> kKinds{{
    {NotificationKind::BuildFinished, "build-finished"},
    {NotificationKind::AccountCreated, "account-created"},
    {NotificationKind::AccountDeleted, "account-deleted"},
    {NotificationKind::RoleChanged, "role-changed"},
    {NotificationKind::EmailChanged, "email-changed"},
    {NotificationKind::PasswordChanged, "password-changed"},
    {NotificationKind::TokensRevoked, "tokens-revoked"},
    {NotificationKind::ServerTrouble, "server-trouble"},
    {NotificationKind::Test, "test"},
}};

std::string_view toText(NotificationKind kind)
{
    for (const auto& [known, word] : kKinds)
        if (known == kind)
            return word;
    return "test";
}

NotificationKind kindFromText(std::string_view text)
{
    for (const auto& [kind, word] : kKinds)
        if (word == text)
            return kind;
    return NotificationKind::Test;
}

std::string encodeFacts(const std::map<std::string, std::string>& facts)
{
    util::JsonWriter json;
    json.beginObject();
    for (const auto& [name, value] : facts)
        json.member(name, value);
    return json.endObject().take();
}

/// A damaged row must not hold up all others.
std::map<std::string, std::string> decodeFacts(std::string_view json)
{
    std::map<std::string, std::string> facts;
    try {
        const auto object = util::parseJsonObject(json, {.bytes = 16u << 20});
        for (const auto& [name, value] : *object)
            facts[name] = value.convert<std::string>();
    } catch (const InvalidInput&) {
        facts.clear();
    }
    return facts;
}

} // namespace

void insertNotification(Connection& connection, const Notification& n)
{
    connection.execute(kInsert, n.id, toText(n.kind), n.recipientName, n.recipientEmail, n.subject, n.text,
                       encodeFacts(n.facts), n.createdAt, n.createdAt, n.attempts);
}

Notification readNotification(const Statement& row)
{
    return {.id = row.string(0),
            .kind = kindFromText(row.text(1)),
            .recipientName = row.string(2),
            .recipientEmail = row.string(3),
            .subject = row.string(4),
            .text = row.string(5),
            .facts = decodeFacts(row.text(6)),
            .createdAt = row.time(7).value_or(Timestamp{}),
            .attempts = static_cast<int>(row.integer(8))};
}

} // namespace apbfarm::storage
