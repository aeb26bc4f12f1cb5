// SPDX-License-Identifier: MIT
#pragma once

#include "hook_target.h"

#include <string>
#include <utility>
#include <vector>

namespace webhook {

struct HookRequest {
    std::string method = "POST";
    std::string path;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;                ///< JSON, at most 64 KiB (M5)
};

/// What the target is sent for a message: the same bytes each time, but for the time of the signature. Whatever stands
/// in the message, it is text for the receiver: no markup, no links, no mentions.
HookRequest compose(const Target& target, const apbfarm::Notification& notification, std::int64_t now);

} // namespace webhook
