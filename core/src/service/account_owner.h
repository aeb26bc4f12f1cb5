// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace apbfarm::service {

/// What is stored for accounts whose password the farm does not know. No authenticator takes it for a hash. The account
/// belongs to whom recognises its name first.
inline constexpr std::string_view kNoPassword = "!";

/// Stored in place of a hash once an account belongs to somebody outside: `!ldap$<SHA-256 of the subject>`.
std::string ownerMark(std::string_view authenticator, std::string_view subject);

/// What is stored is no hash.
bool livesElsewhere(std::string_view stored);

/// The authenticator that a mark names; empty for hashes and for accounts that belong to nobody yet.
std::string_view ownerOf(std::string_view stored);

} // namespace apbfarm::service
