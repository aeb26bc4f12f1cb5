// SPDX-License-Identifier: MIT
#include "local_authenticator.h"

#include "password_text.h"

#include <Poco/Logger.h>

#include <algorithm>

namespace local {

using namespace apbfarm;

LocalAuthenticator::LocalAuthenticator(UserStore& users, const OptionView& options, Poco::Logger& logger)
    : users_(users), logger_(logger), legacyFormat_(options.getBool("legacyFormat")),
      iterations_(legacyFormat_ ? kLegacyIterations : static_cast<int>(options.getInt("iterations"))),
      rounds_(std::max(iterations_, kLegacyIterations))
{
}

std::optional<Identity> LocalAuthenticator::authenticate(const Credentials& credentials)
{
    const auto user = users_.findByName(std::string(credentials.username));
    const auto text = user ? users_.passwordHash(user->id) : std::nullopt;
    const auto stored = text ? parseHash(*text) : std::nullopt;

    const auto match = check(stored, credentials.password);
    if (match == Match::None || !user->active)
        return std::nullopt;
    if (!legacyFormat_ && (match == Match::AsTyped || stored->legacy || stored->iterations < iterations_))
        upgrade(*user, *text, credentials.password);
    return Identity{user->username, user->email, user->role};
}

LocalAuthenticator::Match LocalAuthenticator::check(const std::optional<PasswordHash>& stored,
                                                    std::string_view password)
{
    const auto usual = composed(password);
    const bool right = checkOne(stored, usual);
    // Whether there is a second form to try depends on what was typed, never on the account (U4).
    const bool typed = usual != password && checkOne(stored, password);
    if (right)
        return Match::Composed;
    return typed ? Match::AsTyped : Match::None;
}

bool LocalAuthenticator::checkOne(const std::optional<PasswordHash>& stored, std::string_view password)
{
    const int own = stored ? stored->iterations : 0;
    int rounds = rounds_.load(std::memory_order_relaxed);
    while (own > rounds && !rounds_.compare_exchange_weak(rounds, own))
        continue;
    // To HMAC, a short key and the same with zero bytes behind it are one.
    const bool right = stored && matches(*stored, password) && password.find('\0') == std::string_view::npos;
    if (const int missing = rounds - own; missing > 0)
        derive(password, "a salt for nobody, of no less length", missing);
    return right;
}

void LocalAuthenticator::upgrade(const User& user, const std::string& checked, std::string_view password)
{
    try {
        const auto better = makeHash(composed(password), iterations_);
        // The password may have been changed while the hash was computed; that one stays.
        if (users_.passwordHash(user.id) == checked)
            users_.setPassword(user.id, better);
    } catch (const std::exception& error) {
        logger_.warning("The password of account %s stays in its old form: %s", std::to_string(user.id),
                        std::string(error.what()));
    }
}

std::string LocalAuthenticator::hash(std::string_view password)
{
    // An older farm that reads the database compares what was typed.
    return legacyFormat_ ? makeLegacyHash(password) : makeHash(composed(password), iterations_);
}

} // namespace local
