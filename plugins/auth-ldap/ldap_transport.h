// SPDX-License-Identifier: MIT
#pragma once

#include "ldap_settings.h"

#include <ldap.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace directory {

/// The directory did not answer, or not to what the farm is: its own account, its search.
class DirectoryError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using Deadline = std::chrono::steady_clock::time_point;

struct Unbind {
    void operator()(LDAP* handle) const { ldap_unbind_ext_s(handle, nullptr, nullptr); }
};
using Handle = std::unique_ptr<LDAP, Unbind>;

/// A connection to the first address of the settings that takes one, encrypted for ldaps://. All that is read from it
/// and written to it later ends at the deadline, too, which is read again each time and outlives the handle.
/// Throws `DirectoryError`.
Handle connect(const Settings& settings, const Deadline& deadline);

/// Throws `DirectoryError` when the library does not take the settings; without using the network.
void checkSettings(const Settings& settings);

} // namespace directory
