// SPDX-License-Identifier: MIT
#include "storage/outbox_row.h"

#include "util/json_reader.h"
#include "util/json_writer.h"

#include <apbfarm/notifier.h>

namespace apbfarm::storage {

namespace {

constexpr std::string_view kInsert = R"sql(
    INSERT INTO outbox (id, kind, recipient_name, recipient_email, subject, body, facts, created_at, due_at, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING)sql";

NotificationKind kindFromText(std::string_view text)
{
    using enum NotificationKind;
    for (const auto kind : {BuildFinished, AccountCreated, AccountDeleted, RoleChanged, EmailChanged, PasswordChanged,
                            TokensRevoked, ServerTrouble})
        if (text == toText(kind))
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
