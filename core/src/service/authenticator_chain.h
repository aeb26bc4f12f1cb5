// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/authenticator.h>
#include <apbfarm/storage.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::service {

/// What an authenticator is to accounts whose password is stored in the farm.
enum class Standing {
    Keeper,      ///< they belong to it
    Stranger,    ///< they belong to another one
    Heir         ///< no authenticator of the chain keeps passwords: they pass to whom recognises their name
};

/// Somebody whom an authenticator recognised.
struct Recognised {
    Identity identity;
    std::string mark;                ///< what an account of that person has in place of a hash
    Standing standing = Standing::Stranger;
};

/// Nobody recognised the name, but not everybody could be asked.
class Undecided final : public Unavailable {
public:
    explicit Undecided(bool refused);

    /// Somebody did say no, so this was a guess as any other.
    bool refused() const { return refused_; }

private:
    bool refused_;
};

/// The configured authenticators, asked in order until one recognises somebody.
///
/// A name that has an account, active or not, is given only to the authenticator that the account belongs to: nobody
/// gets past an account of the farm by having its name elsewhere. All others are asked about a name that nobody has,
/// so that a refusal costs the same whatever is known about a name (U4). What one throws counts as its "no" (G3).
/// Thread-safe.
class AuthenticatorChain final {
public:
    struct Link {
        std::string name;
        Authenticator& authenticator;
    };

    /// At least one link. Throws `InvalidInput` when several keep their passwords in the farm. A "no" of one that does
    /// not keep its passwords in the farm takes at least `refusalTime`: how fast a directory refuses tells much.
    AuthenticatorChain(std::vector<Link> links, UserStore& users, std::chrono::milliseconds refusalTime = {});
    AuthenticatorChain(const AuthenticatorChain&) = delete;
    AuthenticatorChain& operator=(const AuthenticatorChain&) = delete;

    /// Blocks for as long as all of them need. Throws `Undecided`.
    std::optional<Recognised> authenticate(const Credentials& credentials);

    /// The one whose passwords lie in the farm; when there is none, the first.
    Authenticator& own() { return (own_ ? *own_ : links_.front()).authenticator; }

private:
    enum class Answer { Yes, No, NotAsked };

    Standing standingOf(const Link& link) const;
    bool mayAnswer(const Link& link, const std::optional<std::string>& stored) const;
    Answer ask(const Link& link, const Credentials& credentials, std::optional<Identity>& identity);

    std::vector<Link> links_;
    UserStore& users_;
    const std::chrono::milliseconds refusalTime_;
    const Link* own_ = nullptr;      // null when none keeps passwords
};

} // namespace apbfarm::service
