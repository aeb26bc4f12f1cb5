// SPDX-License-Identifier: MIT
#pragma once

#include "hook_url.h"

#include <apbfarm/notifier.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace webhook {

/// What a receiver expects in a body.
enum class Template { Generic, Matrix, Slack, Discord, Ntfy };

constexpr std::string_view toText(Template format)
{
    switch (format) {
    case Template::Generic: return "generic";
    case Template::Matrix: return "matrix";
    case Template::Slack: return "slack";
    case Template::Discord: return "discord";
    case Template::Ntfy: return "ntfy";
    }
    return "generic";
}

/// Empty for any other word.
std::optional<Template> templateFromText(std::string_view word);

/// One receiver. URL, secret and token are secrets.
struct Target {
    std::string name;
    HookUrl url;
    Template format = Template::Generic;
    std::set<std::string> events;    ///< of `eventWords()`
    std::string secret;              ///< key of the signature; empty: not signed
    std::string token;               ///< for Authorization: Bearer; empty: none
    std::string topic;               ///< of ntfy

    bool wants(const apbfarm::Notification& notification) const;
};

/// What a filter may name: `all`, each kind of message, and `build-completed`, `build-failed`, `build-cancelled`.
const std::set<std::string>& eventWords();

/// "build-failed", "server-trouble": what happened, as a filter names it.
std::string eventOf(const apbfarm::Notification& notification);

} // namespace webhook
