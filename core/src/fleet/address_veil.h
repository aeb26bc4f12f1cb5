// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <string>
#include <string_view>

namespace apbfarm::fleet {

/// A text from a build server as everybody may read it (Z4): each word with a URL, an IP address or the host name of
/// `server` in it becomes "[address]". Blanks stay as they are.
std::string withoutAddresses(std::string_view text, const ServerId& server);

} // namespace apbfarm::fleet
