// SPDX-License-Identifier: MIT
#pragma once

#include "hook_templates.h"
#include "target_file.h"

#include <chrono>
#include <optional>
#include <stdexcept>

namespace webhook {

/// Why no answer came, as far as it is shown.
enum class HookTrouble { NoHost, AddressNotAllowed, NoConnection, NoEncryption, BadCertificate, TooSlow, Broken };

constexpr const char* toText(HookTrouble trouble)
{
    switch (trouble) {
    case HookTrouble::NoHost: return "the name of its host is not known";
    case HookTrouble::AddressNotAllowed: return "its address is private or never contacted; see notify.webhook.allowPrivate";
    case HookTrouble::NoConnection: return "it does not answer at its address and port";
    case HookTrouble::NoEncryption: return "TLS failed";
    case HookTrouble::BadCertificate: return "its certificate is not valid for it";
    case HookTrouble::TooSlow: return "it took too long";
    case HookTrouble::Broken: return "the connection broke off";
    }
    return "";
}

class HookError : public std::runtime_error {
public:
    explicit HookError(HookTrouble trouble) : std::runtime_error(toText(trouble)), trouble_(trouble) {}
    HookTrouble trouble() const { return trouble_; }

private:
    HookTrouble trouble_;
};

struct HookAnswer {
    int status = 0;
    std::optional<std::chrono::seconds> retryAfter;
};

/// Sends one request and reads the head of its answer; the body is passed over and never kept. Redirects are answers
/// like others. Every address that the name of the host has is checked, and the one that was checked is contacted (M5).
/// Takes at most `atMost`, apart from the look-up of the name. Throws `HookError`.
HookAnswer sendHook(const HookUrl& url, const HookRequest& request, const HookOptions& options,
                    std::chrono::steady_clock::duration atMost);

} // namespace webhook
