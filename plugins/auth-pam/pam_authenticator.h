// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/authenticator.h>
#include <apbfarm/context.h>

#include <Poco/Logger.h>

#include <atomic>
#include <string>

namespace pam {

/// People whom the machine knows, asked by way of a PAM service.
class PamAuthenticator final : public apbfarm::Authenticator {
public:
    /// Throws `InvalidInput` when there is no such service: PAM would take the one called "other" instead.
    PamAuthenticator(const apbfarm::OptionView& options, Poco::Logger& logger);

    std::optional<apbfarm::Identity> authenticate(const apbfarm::Credentials& credentials) override;

private:
    std::string service_, directory_, adminGroup_, mailDomain_;
    bool allowEmpty_;
    Poco::Logger& logger_;
    std::atomic<bool> inTrouble_{false};
};

} // namespace pam
