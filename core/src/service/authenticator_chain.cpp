// SPDX-License-Identifier: MIT
#include "service/authenticator_chain.h"

#include "service/account_owner.h"
#include "util/secrets.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace apbfarm::service {

namespace {

bool keepsPasswords(const AuthenticatorChain::Link& link)
{
    return link.authenticator.passwords() != nullptr;
}

/// Empty: no account, active or not, has the name.
std::optional<std::string> storedFor(UserStore& users, std::string_view username)
{
    const auto user = users.findByName(std::string(username));
    return user ? std::optional(users.passwordHash(user->id).value_or("")) : std::nullopt;
}

} // namespace

Undecided::Undecided(bool refused)
    : Unavailable("The name and password cannot be checked now, because a directory of users does not answer. Accounts "
                  "whose password this farm keeps can log in",
                  "authenticator_unavailable"),
      refused_(refused)
{
}

AuthenticatorChain::AuthenticatorChain(std::vector<Link> links, UserStore& users, std::chrono::milliseconds refusalTime)
    : links_(std::move(links)), users_(users), refusalTime_(refusalTime)
{
    if (const auto own = std::ranges::find_if(links_, keepsPasswords); own != links_.end()) {
        own_ = &*own;
        if (const auto other = std::find_if(std::next(own), links_.end(), keepsPasswords); other != links_.end())
            throw InvalidInput("auth names both '" + own->name + "' and '" + other->name + "', and each keeps "
                               "passwords in the farm. Name only one of them");
    }
}

std::optional<Recognised> AuthenticatorChain::authenticate(const Credentials& credentials)
{
    const auto stored = storedFor(users_, credentials.username);
    const auto nobody = "nobody_" + util::toHex(util::randomBytes(8));
    bool refused = false, missing = false;
    for (const auto& link : links_) {
        const bool counts = mayAnswer(link, stored);
        std::optional<Identity> identity;
        const auto answer =
            ask(link, counts ? credentials : Credentials{nobody, "a password", credentials.clientAddress}, identity);
        if (answer == Answer::Yes && counts) {
            auto mark = ownerMark(link.name, identity->subject.empty() ? identity->username : identity->subject);
            return Recognised{std::move(*identity), std::move(mark), standingOf(link)};
        }
        refused = refused || answer == Answer::No;
        missing = missing || answer == Answer::NotAsked;
    }
    if (missing)
        throw Undecided(refused);
    return std::nullopt;
}

bool AuthenticatorChain::mayAnswer(const Link& link, const std::optional<std::string>& stored) const
{
    if (!stored || *stored == kNoPassword)
        return true;
    return livesElsewhere(*stored) ? ownerOf(*stored) == link.name : standingOf(link) != Standing::Stranger;
}

Standing AuthenticatorChain::standingOf(const Link& link) const
{
    if (!own_)
        return Standing::Heir;
    return &link == own_ ? Standing::Keeper : Standing::Stranger;
}

AuthenticatorChain::Answer AuthenticatorChain::ask(const Link& link, const Credentials& credentials,
                                                   std::optional<Identity>& identity)
{
    const auto begin = std::chrono::steady_clock::now();
    try {
        identity = link.authenticator.authenticate(credentials);
    } catch (const Unavailable&) {
        return Answer::NotAsked;
    } catch (...) {
        // Whoever guards the plugin has reported it; a "no" like any other.
    }
    if (identity)
        return Answer::Yes;
    if (standingOf(link) != Standing::Keeper)
        std::this_thread::sleep_until(begin + refusalTime_);
    return Answer::No;
}

} // namespace apbfarm::service
