// SPDX-License-Identifier: MIT
#include "smtp_settings.h"

#include <Poco/NumberFormatter.h>
#include <Poco/NumberParser.h>
#include <Poco/String.h>

#include <chrono>

namespace smtp {

using namespace apbfarm;

namespace {

constexpr std::string_view kSealed = "sealed:";

namespace sql {

constexpr auto kCreate = R"sql(
    CREATE TABLE IF NOT EXISTS smtp_config (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        server TEXT NOT NULL,
        port INTEGER NOT NULL,
        username TEXT,
        password TEXT,
        use_tls BOOLEAN DEFAULT 1,
        from_email TEXT,
        from_name TEXT,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL
    ))sql";

constexpr auto kFind = R"sql(
    SELECT id, server, port, username, password, use_tls, from_email, from_name, created_at, updated_at
    FROM smtp_config ORDER BY updated_at DESC, id DESC LIMIT 1)sql";

constexpr auto kPasswords = "SELECT id, password FROM smtp_config WHERE password <> ''";

constexpr auto kClear = "DELETE FROM smtp_config";

constexpr auto kInsert = R"sql(
    INSERT INTO smtp_config
        (id, server, port, username, password, use_tls, from_email, from_name, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))sql";

constexpr auto kSeal = "UPDATE smtp_config SET password = $1 WHERE id = $2 AND password = $3";

} // namespace sql

std::optional<std::string> orNull(const std::string& text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

bool isTrue(const std::string& text)
{
    return !(text.empty() || text == "0" || Poco::icompare(text, "false") == 0 || Poco::icompare(text, "f") == 0);
}

SmtpConfig fromRow(const SqlRow& row)
{
    const auto text = [&](std::size_t column) { return row.at(column).value_or(""); };
    const auto number = [&](std::size_t column) {
        double value = 0;
        Poco::NumberParser::tryParseFloat(text(column), value);
        return value;
    };
    SmtpConfig config;
    config.id = static_cast<std::int64_t>(number(0));
    config.server = text(1);
    config.port = static_cast<int>(number(2));
    config.username = text(3);
    config.storedPassword = text(4);
    config.useTls = isTrue(row.at(5).value_or("1"));
    config.fromEmail = text(6);
    config.fromName = text(7);
    config.createdAt = number(8);
    config.updatedAt = number(9);
    return config;
}

SqlRow toRow(const SmtpConfig& config)
{
    return {std::to_string(config.id),
            config.server,
            std::to_string(config.port),
            orNull(config.username),
            orNull(config.storedPassword),
            config.useTls ? "1" : "0",
            orNull(config.fromEmail),
            orNull(config.fromName),
            Poco::NumberFormatter::format(config.createdAt, 3),
            Poco::NumberFormatter::format(config.updatedAt, 3)};
}

std::string placeOf(std::int64_t id)
{
    return "smtp_config/" + std::to_string(id) + "/password";
}

// Whole milliseconds: the database gives back fifteen digits.
double now()
{
    const auto time = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

} // namespace

SmtpSettings::SmtpSettings(Storage& storage, SecretBox& secrets) : tables_(storage.tables()), secrets_(secrets)
{
    tables_.migrate("notify-smtp", {{1, sql::kCreate}});
    for (const auto& row : tables_.query(sql::kPasswords, {}))
        if (!row.at(1).value_or("").starts_with(kSealed))
            sealStored(std::stoll(row.at(0).value()), row.at(1).value());
}

std::optional<SmtpConfig> SmtpSettings::find()
{
    const auto rows = tables_.query(sql::kFind, {});
    if (rows.empty())
        return std::nullopt;
    auto config = fromRow(rows.front());
    if (!config.storedPassword.empty() && !config.storedPassword.starts_with(kSealed))
        config.storedPassword = sealStored(config.id, config.storedPassword);
    return config;
}

SmtpConfig SmtpSettings::save(SmtpConfig wanted, const std::optional<std::string>& password)
{
    const auto present = find();
    wanted.id = present ? present->id : 1;
    wanted.updatedAt = now();
    wanted.createdAt = present ? present->createdAt : wanted.updatedAt;
    if (password)
        wanted.storedPassword = password->empty() ? "" : seal(*password, wanted.id);
    else if (present && Poco::icompare(present->server, wanted.server) == 0 && present->username == wanted.username)
        wanted.storedPassword = present->storedPassword;
    else
        wanted.storedPassword.clear();
    tables_.execute({{sql::kClear, {}}, {sql::kInsert, toRow(wanted)}});
    return wanted;
}

bool SmtpSettings::remove()
{
    return tables_.execute({{sql::kClear, {}}}) > 0;
}

std::string SmtpSettings::openPassword(const SmtpConfig& config)
{
    if (!config.storedPassword.starts_with(kSealed))
        return config.storedPassword;
    return secrets_.open(std::string_view(config.storedPassword).substr(kSealed.size()), placeOf(config.id));
}

std::string SmtpSettings::sealStored(std::int64_t id, const std::string& plain)
{
    auto sealed = seal(plain, id);
    tables_.execute({{sql::kSeal, {sealed, std::to_string(id), plain}}});
    return sealed;
}

std::string SmtpSettings::seal(const std::string& password, std::int64_t id)
{
    return std::string(kSealed) + secrets_.seal(password, placeOf(id));
}

} // namespace smtp
