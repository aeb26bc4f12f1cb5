// SPDX-License-Identifier: MIT
#pragma once

#include "ldap_transport.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace directory {

struct Entry {
    std::string dn;
    std::map<std::string, std::vector<std::string>> values;   ///< by attribute in lower case; may hold any bytes

    /// Empty when there is none.
    std::string first(std::string_view attribute) const;
};

/// One connection, for the questions of one log-in. Not thread-safe. Every call ends before the connection's deadline;
/// all throw `DirectoryError`.
class Connection {
public:
    explicit Connection(const Settings& settings);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Before anything else, when the settings say so.
    void startTls();
    /// False when the directory refuses. Throws std::logic_error when there is nothing to prove: directories say yes
    /// to an empty password.
    bool bind(const std::string& dn, std::string_view password);
    /// As nobody.
    void bindAnonymously();

    enum class Scope { Entry, Subtree };
    /// At most two entries.
    std::vector<Entry> search(const std::string& base, Scope scope, const std::string& filter,
                              const std::vector<std::string>& attributes);

private:
    void limitNextCall();
    int bindResult(const std::string& dn, std::string_view password);
    [[noreturn]] void fail(const std::string& doing, int code);
    std::vector<Entry> entriesOf(LDAPMessage* message);

    const Deadline deadline_;
    Handle handle_;
};

} // namespace directory
