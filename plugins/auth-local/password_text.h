// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace local {

/// The password with every letter in its composed form (NFC): keyboards and systems write the same letter in different
/// ways. What is no UTF-8 stays as it is.
std::string composed(std::string_view password);

} // namespace local
