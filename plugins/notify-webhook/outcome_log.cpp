// SPDX-License-Identifier: MIT
#include "outcome_log.h"

#include "hook_target.h"
#include "hook_text.h"

#include <Poco/NumberFormatter.h>
#include <Poco/NumberParser.h>

#include <chrono>

namespace webhook {

using namespace apbfarm;

namespace {

constexpr std::chrono::hours kKept{24 * 30};

namespace sql {

constexpr auto kCreate = R"sql(
    CREATE TABLE IF NOT EXISTS webhook_outcomes (
        message TEXT NOT NULL,
        target TEXT NOT NULL,
        event TEXT NOT NULL,
        subject TEXT NOT NULL,
        reason TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (message, target)
    ))sql";

constexpr auto kOf = "SELECT target, reason FROM webhook_outcomes WHERE message = $1";

constexpr auto kInsert = R"sql(
    INSERT INTO webhook_outcomes (message, target, event, subject, reason, at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (message, target) DO UPDATE SET reason = excluded.reason, at = excluded.at)sql";

constexpr auto kForget = "DELETE FROM webhook_outcomes WHERE at < $1";

constexpr auto kRefusals = R"sql(
    SELECT message, target, event, subject, reason, at FROM webhook_outcomes
    WHERE reason <> '' ORDER BY at DESC, message LIMIT $1)sql";

} // namespace sql

std::string secondsOf(std::chrono::system_clock::time_point time)
{
    return Poco::NumberFormatter::format(std::chrono::duration<double>(time.time_since_epoch()).count(), 3);
}

} // namespace

OutcomeLog::OutcomeLog(Storage& storage) : tables_(storage.tables())
{
    tables_.migrate("notify-webhook", {{1, sql::kCreate}});
}

std::map<std::string, std::string> OutcomeLog::of(const std::string& message)
{
    std::map<std::string, std::string> outcomes;
    for (const auto& row : tables_.query(sql::kOf, {message}))
        outcomes[row.at(0).value_or("")] = row.at(1).value_or("");
    return outcomes;
}

void OutcomeLog::delivered(const Notification& message, const std::string& target)
{
    write(message, target, "");
}

void OutcomeLog::refused(const Notification& message, const std::string& target, const std::string& reason)
{
    write(message, target, reason);
}

void OutcomeLog::write(const Notification& message, const std::string& target, const std::string& reason)
{
    const auto now = std::chrono::system_clock::now();
    tables_.execute({{sql::kForget, {secondsOf(now - kKept)}},
                     {sql::kInsert,
                      {message.id, target, eventOf(message), cleanLine(message.subject, 250), reason, secondsOf(now)}}});
}

std::vector<Refusal> OutcomeLog::refusals(int limit)
{
    std::vector<Refusal> found;
    for (const auto& row : tables_.query(sql::kRefusals, {std::to_string(limit)})) {
        const auto text = [&](std::size_t column) { return row.at(column).value_or(""); };
        Refusal refusal{text(0), text(1), text(2), text(3), text(4), 0};
        Poco::NumberParser::tryParseFloat(text(5), refusal.at);
        found.push_back(std::move(refusal));
    }
    return found;
}

} // namespace webhook
