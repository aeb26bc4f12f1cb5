// SPDX-License-Identifier: MIT
#pragma once

#include "smtp_settings.h"

#include <optional>
#include <string>
#include <string_view>

namespace smtp {

struct SmtpInput {
    SmtpConfig config;
    std::optional<std::string> password; ///< empty when the body has none
};

/// Throws `InvalidInput` with one complaint for each wrong field.
SmtpInput readSmtpInput(std::string_view body);
/// The address in `test_email`. Throws `InvalidInput`.
std::string readTestAddress(std::string_view body);

/// As documented; the password is not part of it.
std::string toJson(const SmtpConfig& config);

} // namespace smtp
