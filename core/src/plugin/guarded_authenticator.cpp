// SPDX-License-Identifier: MIT
#include "plugin/guarded_authenticator.h"

namespace apbfarm::plugin {

class GuardedAuthenticator::Keeper final : public PasswordKeeper {
public:
    Keeper(PasswordKeeper& inner, PluginGuard& guard) : inner_(inner), guard_(guard) {}

    std::string hash(std::string_view password) override
    {
        auto hash = guard_.call("hash", std::string(), [&] { return inner_.hash(password); });
        if (hash.empty())
            throw Unavailable("The password cannot be stored right now", "password_not_stored");
        return hash;
    }

private:
    PasswordKeeper& inner_;
    PluginGuard& guard_;
};

GuardedAuthenticator::GuardedAuthenticator(std::unique_ptr<Authenticator> inner, PluginGuard& guard)
    : inner_(std::move(inner)), guard_(guard)
{
    auto* keeper = guard_.call("passwords", static_cast<PasswordKeeper*>(nullptr), [&] { return inner_->passwords(); });
    if (keeper)
        keeper_ = std::make_unique<Keeper>(*keeper, guard_);
}

GuardedAuthenticator::~GuardedAuthenticator() = default;

std::optional<Identity> GuardedAuthenticator::authenticate(const Credentials& credentials)
{
    auto identity = guard_.call<Unavailable>("authenticate", std::optional<Identity>(),
                                             [&] { return inner_->authenticate(credentials); });
    if (identity && (identity->username.empty() || identity->role == Role::Guest)) {
        guard_.reportFailure("authenticate", "it recognised somebody without a name or with the role of a guest");
        return std::nullopt;
    }
    return identity;
}

PasswordKeeper* GuardedAuthenticator::passwords()
{
    return keeper_.get();
}

} // namespace apbfarm::plugin
