// SPDX-License-Identifier: MIT
#include "service/session_service.h"

#include "util/ip_address.h"
#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::service {

namespace {

constexpr std::chrono::hours kRenewalWriteInterval{1};
constexpr int kReplayedEvents = 5000;
constexpr std::size_t kTokenLength = 43;

constexpr auto kLoginOk = "login_ok";
constexpr auto kLoginFailed = "login_failed";

SessionLife lifeOf(const SessionOptions& options)
{
    return {std::chrono::days(options.idleDays), std::chrono::days(options.absoluteDays)};
}

/// Code points, which is what people count. The text is UTF-8.
std::size_t characters(std::string_view text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void checkLength(std::vector<FieldError>& errors, const char* field, std::string_view text, std::size_t most)
{
    const auto length = characters(text);
    if (length == 0)
        errors.push_back({field, "must not be empty"});
    else if (length > most)
        errors.push_back({field, "must have at most " + std::to_string(most) + " characters"});
}

/// Short ones are merely wrong: accounts taken over from an older farm may have them.
void checkLengths(std::string_view username, std::string_view password)
{
    std::vector<FieldError> errors;
    checkLength(errors, "username", username, 50);
    checkLength(errors, "password", password, 100);
    if (errors.empty())
        return;
    std::vector<std::string> sentences;
    for (const auto& error : errors)
        sentences.push_back("The " + error.field + " " + error.message);
    throw InvalidInput(util::join(sentences, ". "), "invalid_input", std::move(errors));
}

Unauthenticated wrongCredentials()
{
    return Unauthenticated("Invalid username or password", "invalid_credentials");
}

Forbidden defaultPasswordFromAfar()
{
    return Forbidden("The administrator's password is still the default one, which is accepted only on the farm's own "
                     "machine. Log in there (http://127.0.0.1) and change it; then log-in works from everywhere",
                     "default_password_remote");
}

} // namespace

SessionService::SessionService(UserStore& users, TokenStore& tokens, AuditStore& audit, AuthenticatorChain& authenticators,
                               PasswordPool& passwords, LoginThrottle& throttle, const util::Clock& clock,
                               SessionOptions options)
    : users_(users), tokens_(tokens), audit_(audit), authenticators_(authenticators), accounts_(users, audit, clock),
      passwords_(passwords), throttle_(throttle), clock_(clock), options_(options), sessions_(lifeOf(options))
{
    load();
    replayFailures();
    refreshStandIn();
}

void SessionService::load()
{
    std::unordered_map<UserId, User> active;
    for (auto& user : users_.list(false))
        active.emplace(user.id, std::move(user));
    for (const auto& token : tokens_.listActive(clock_.wall()))
        if (const auto owner = active.find(token.user); owner != active.end())
            sessions_.add(token, owner->second);
}

void SessionService::replayFailures()
{
    const auto now = clock_.wall();
    auto events = audit_.list({.limit = kReplayedEvents});
    std::ranges::reverse(events);
    for (const auto& event : events)
        if (event.action == kLoginFailed)
            throttle_.replay(event.target, event.address, now - event.at);
        else if (event.action == kLoginOk)
            throttle_.succeeded(event.target, event.address);
}

LoggedIn SessionService::login(const std::string& username, const std::string& password, const std::string& address,
                               const std::string& requestId, Arrival arrival)
{
    checkLengths(username, password);
    throttle_.admit(username, address);
    const auto revocationsBefore = revocations_.load();

    const auto user = accountOf(username, password, address, requestId);
    const bool local = arrival == Arrival::Direct && util::isLoopback(address);
    if (!local && password == kDefaultAdminPassword && util::equalsIgnoringCase(user.username, kDefaultAdminName)) {
        loginFailed(user.username, username, address, "default password from elsewhere", requestId);
        throw defaultPasswordFromAfar();
    }
    throttle_.succeeded(username, address);
    auto session = begin(user, revocationsBefore);
    record(kLoginOk, session.user.username, username, address, "ok", requestId);
    return session;
}

User SessionService::accountOf(const std::string& username, const std::string& password, const std::string& address,
                               const std::string& requestId)
{
    std::string why;
    try {
        auto [user, reason] = check({username, password, address});
        if (user)
            return *user;
        why = reason;
    } catch (const Undecided& undecided) {
        if (undecided.refused())
            loginFailed("", username, address, "not recognised by those who could be asked", requestId);
        throw;
    }
    loginFailed("", username, address, why, requestId);
    throw wrongCredentials();
}

AccountFinder::Result SessionService::check(const Credentials& credentials)
{
    return passwords_.run([&]() -> AccountFinder::Result {
        const auto who = authenticators_.authenticate(credentials);
        return who ? accounts_.find(*who) : AccountFinder::Result{std::nullopt, "wrong name or password"};
    });
}

LoggedIn SessionService::begin(User user, std::uint64_t revocationsBefore)
{
    makeRoomFor(user.id);
    const auto now = clock_.wall();
    auto text = util::randomToken();
    Token token;
    token.hash = util::sha256Hex(text);
    token.user = user.id;
    token.createdAt = token.lastUsedAt = now;
    token.expiresAt = sessions_.expiry(now, now);
    users_.setLastLogin(user.id, now);
    token = tokens_.create(token);
    sessions_.add(token, user);
    dropIfOvertaken(user, token, revocationsBefore);
    user.lastLogin = now;
    return {std::move(text), std::move(user), options_.idleDays};
}

void SessionService::makeRoomFor(UserId user)
{
    const auto uses = sessions_.usesOf(user);
    const auto most = static_cast<std::size_t>(std::max(1, options_.maxTokensPerUser));
    for (std::size_t i = 0; i + most <= uses.size(); ++i) {
        const auto oldest = uses[i].token;
        sessions_.removeIf([&](std::int64_t token, UserId) { return token == oldest; });
        tokens_.revoke(oldest);
        record("token_revoked", "", std::to_string(user), "", "too many sessions of one user", "");
    }
}

/// The account may have changed, or its sessions been ended, while the password was being checked.
void SessionService::dropIfOvertaken(const User& user, const Token& token, std::uint64_t revocationsBefore)
{
    const auto current = users_.find(user.id);
    const bool revoked = revokedAt_.with([&](const auto& all) {
        const auto place = all.find(user.id);
        return place != all.end() && place->second > revocationsBefore;
    });
    if (current && current->active && !revoked) {
        sessions_.update(*current);
        return;
    }
    sessions_.removeIf([&](std::int64_t id, UserId) { return id == token.id; });
    tokens_.revoke(token.id);
    throw wrongCredentials();
}

std::optional<Principal> SessionService::identify(std::string_view token)
{
    if (token.size() != kTokenLength)
        return std::nullopt;
    return sessions_.use(util::sha256Hex(token), clock_.wall());
}

void SessionService::logout(const Principal& caller, const std::string& address, const std::string& requestId)
{
    if (!caller.token)
        return;
    sessions_.removeIf([&](std::int64_t token, UserId) { return token == caller.token; });
    tokens_.revoke(caller.token);
    record("logout", caller.username, caller.username, address, "ok", requestId);
}

int SessionService::revokeAllOf(UserId user, std::int64_t except)
{
    revokedAt_.with([&](auto& all) { all[user] = ++revocations_; });
    const auto ended = sessions_.removeIf(
        [&](std::int64_t token, UserId owner) { return owner == user && token != except; });
    if (!except)
        return tokens_.revokeAllOf(user);
    for (const auto token : ended)
        tokens_.revoke(token);
    return static_cast<int>(ended.size());
}

bool SessionService::endSession(const Principal& caller, std::int64_t token, const std::string& address,
                                const std::string& requestId)
{
    const auto ended = sessions_.removeIf(
        [&](std::int64_t id, UserId owner) { return owner == caller.id && id == token; });
    if (ended.empty())
        return false;
    tokens_.revoke(token);
    record("session_ended", caller.username, caller.username, address, "ok", requestId);
    return true;
}

void SessionService::userChanged(const User& user)
{
    if (user.active)
        sessions_.update(user);
    else
        revokeAllOf(user.id);
    refreshStandIn();
}

User SessionService::me(const Principal& caller)
{
    auto user = users_.find(caller.id);
    if (!user || !user->active)
        throw Unauthenticated();
    return *user;
}

void SessionService::storeRenewals()
{
    for (const auto& use : sessions_.takeRenewals(kRenewalWriteInterval))
        tokens_.renew(use.token, use.lastUsedAt, use.expiresAt);
}

void SessionService::removeExpired()
{
    const auto now = clock_.wall();
    sessions_.removeExpired(now);
    storeRenewals();   // first: a row may be older than what memory knows
    tokens_.removeExpired(now);
}

std::optional<Principal> SessionService::standIn() const
{
    return standIn_.copy();
}

void SessionService::refreshStandIn()
{
    if (!options_.authOff)
        return;
    std::optional<Principal> first;
    for (const auto& user : users_.list(false))
        if (user.role == Role::Admin && user.active && !first)
            first = Principal{user.id, user.username, user.role, 0};
    standIn_.with([&](auto& principal) { principal = first; });
}

void SessionService::loginFailed(const std::string& actor, const std::string& username, const std::string& address,
                                 const std::string& why, const std::string& requestId)
{
    const bool delayed = throttle_.failed(username, address);
    record(kLoginFailed, actor, username, address, why, requestId);
    // Once, not for each try that is turned away: those must not cost a write.
    if (delayed)
        record("login_throttled", actor, username, address, "too many failed log-ins", requestId);
}

void SessionService::record(std::string action, const std::string& actor, const std::string& target,
                            const std::string& address, const std::string& result, const std::string& requestId)
{
    AuditEvent event;
    event.at = clock_.wall();
    event.actor = actor;
    event.action = std::move(action);
    event.target = target;
    event.address = address;
    event.result = result;
    event.requestId = requestId;
    audit_.append(event);
}

} // namespace apbfarm::service
