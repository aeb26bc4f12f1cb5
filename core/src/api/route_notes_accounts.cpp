// SPDX-License-Identifier: MIT
#include "api/route_notes.h"

namespace apbfarm::api::notes {

namespace {

using Fields = std::vector<ApiField>;

constexpr const char* kAccounts = "Accounts";
constexpr const char* kSessions = "Sessions";

Fields account()
{
    return {{"id", "integer", ""},
            {"username", "string", ""},
            {"role", "string user|admin", ""},
            {"created_at", "number", "Seconds since 1970"},
            {"last_login", "number?", "Seconds since 1970"},
            {"email", "string?", ""}};
}

Fields wholeAccount()
{
    auto fields = account();
    fields.push_back({"is_active", "boolean", "False for deleted accounts"});
    fields.push_back({"email_notifications_enabled", "boolean", "Whether it gets messages about its builds"});
    return fields;
}

Fields message()
{
    return {{"message", "string", "For people"}};
}

Fields userId()
{
    return {{"user_id", "integer", "The account"}};
}

Fields parametersOf(bool own)
{
    return own ? Fields{} : userId();
}

/// Answers of a change to one account.
std::vector<ApiAnswer> changed(Fields fields, bool own = false)
{
    std::vector<ApiAnswer> answers{{200, "Done", std::move(fields)}, {400, "A field is wrong; each is named in fields"}};
    if (!own)
        answers.push_back({404, "No such account"});
    return answers;
}

} // namespace

RouteNotes logIn()
{
    return {.topic = kSessions,
            .body = {{"username", "string", ""}, {"password", "string", ""}},
            .answers = {{200, "Signed in",
                         {{"token", "string", "For Authorization: Bearer"},
                          {"user", "object", "", account()},
                          {"expires_in_days", "integer", "Without use"}}},
                        {401, "Wrong name or password"},
                        {403, "Not from this address, while the default password is in force"},
                        {429, "Too many attempts; Retry-After says how long to wait"}}};
}

RouteNotes logOut()
{
    return {.topic = kSessions, .answers = {{200, "Done, also when there was no session", message()}}};
}

RouteNotes logOutByAddress()
{
    auto notes = redirection();
    notes.topic = kSessions;
    return notes;
}

RouteNotes me()
{
    auto fields = account();
    fields.push_back({"email_notifications_enabled", "boolean", "Whether one gets messages about one's builds"});
    return {.topic = kSessions, .answers = {{200, "The account", std::move(fields)}}};
}

RouteNotes accounts()
{
    return {.topic = kAccounts, .answers = {{200, "By time of creation", wholeAccount(), "object[]"}}};
}

RouteNotes newAccount()
{
    return {.topic = kAccounts,
            .body = {{"username", "string", "3 to 50 letters, digits and underscores"},
                     {"password", "string", "8 to 100 characters"},
                     {"role?", "string user|admin = user", ""},
                     {"email?", "string?", ""}},
            .answers = {{200, "Made", wholeAccount()},
                        {400, "A field is wrong; each is named in fields"},
                        {409, "The name is taken"}}};
}

RouteNotes deleteAccount()
{
    return {.topic = kAccounts,
            .parameters = userId(),
            .answers = changed(message())};
}

RouteNotes accountRole()
{
    return {.topic = kAccounts,
            .parameters = userId(),
            .body = {{"role", "string user|admin", ""}},
            .answers = changed(message())};
}

RouteNotes accountEmail(bool own)
{
    return {.topic = kAccounts,
            .parameters = parametersOf(own),
            .body = {{"email", "string?", "null removes it"}},
            .answers = changed(message(), own)};
}

RouteNotes accountNotifications(bool own)
{
    return {.topic = kAccounts,
            .parameters = parametersOf(own),
            .body = {{"enabled", "boolean", ""}},
            .answers = changed({{"message", "string", "For people"}, {"email_notifications_enabled", "boolean", ""}}, own)};
}

RouteNotes revokeTokens()
{
    return {.topic = kAccounts, .parameters = userId(), .answers = changed(message())};
}

RouteNotes changePassword()
{
    return {.topic = kAccounts,
            .details = "409 (passwords_elsewhere) for accounts whose password is kept by a directory or by the machine.",
            .body = {{"current_password", "string", ""},
                     {"new_password", "string", "8 to 100 characters"},
                     {"confirm_password", "string", "The new one again"}},
            .answers = changed(message(), true)};
}

} // namespace apbfarm::api::notes
