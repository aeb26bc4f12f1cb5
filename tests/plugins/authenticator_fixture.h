// SPDX-License-Identifier: MIT
#pragma once

#include "plugins/bundled_plugins.h"

#include <optional>
#include <string>

namespace apbfarm::test {

/// One of the bundled authenticators, made with its options when it is first asked.
struct AuthenticatorFixture : BundledPlugins {
    explicit AuthenticatorFixture(std::string name) : name_(std::move(name))
    {
        openStorage();
        load({"auth-" + name_});
    }

    void option(const std::string& key, const std::string& value) { set("auth." + name_ + "." + key, value); }
    Authenticator& authenticator()
    {
        if (!made_)
            made_ = &host.createAuthenticator(name_);
        return *made_;
    }
    std::optional<Identity> ask(const std::string& name, const std::string& password)
    {
        return authenticator().authenticate({name, password, "192.0.2.1"});
    }
    /// Why it cannot be made.
    std::string refusal()
    {
        try {
            authenticator();
            return "it started";
        } catch (const plugin::PluginError& error) {
            return error.what();
        }
    }

private:
    std::string name_;
    Authenticator* made_ = nullptr;
};

} // namespace apbfarm::test
