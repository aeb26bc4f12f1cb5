// SPDX-License-Identifier: MIT
#pragma once

#include "ldap_connection.h"
#include "ldap_settings.h"

#include <apbfarm/authenticator.h>

#include <Poco/Logger.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace directory {

/// People of a directory, recognised by binding with their name and password. A connection per log-in.
///
/// After a try that failed because the directory did not answer, none is made for as long as that one took, so that an
/// unreachable directory cannot occupy more than half of the time of the authentication threads.
class LdapAuthenticator final : public apbfarm::Authenticator {
public:
    /// The logger outlives it.
    LdapAuthenticator(Settings settings, Poco::Logger& logger);

    std::optional<apbfarm::Identity> authenticate(const apbfarm::Credentials& credentials) override;

private:
    using Instant = std::chrono::steady_clock::time_point;

    std::optional<apbfarm::Identity> ask(const std::string& name, std::string_view password);
    std::optional<Entry> search(Connection& connection, const std::string& name);
    std::optional<Entry> searched(Connection& connection, const std::string& name, std::string_view password);
    std::optional<Entry> direct(Connection& connection, const std::string& name, std::string_view password);
    void bindAsFarm(Connection& connection);
    bool isMember(Connection& connection, const std::string& group, const Entry& person, const std::string& name);
    std::optional<apbfarm::Identity> identityOf(Connection& connection, const Entry& person, const std::string& typed);

    void waitIsOver();
    void answered();
    void failed(const std::string& why, Instant begin);
    std::string exchangeTrouble(const std::string& trouble, Instant notBefore);

    const Settings settings_;
    Poco::Logger& logger_;
    std::mutex mutex_;
    std::string trouble_;            // empty: the last try was answered
    Instant notBefore_{};
};

} // namespace directory
