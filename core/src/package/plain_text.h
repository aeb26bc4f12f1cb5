// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace apbfarm::package {

/// The text without a byte order mark and with LF line ends. Throws `InvalidInput` with `code` for binary data,
/// `TooLarge` above 1 MiB; `what` names the file in the message.
std::string plainText(std::string_view bytes, const std::string& what, const std::string& code);

} // namespace apbfarm::package
