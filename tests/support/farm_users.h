// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/farm_process.h"

#include <stdexcept>
#include <string>

namespace apbfarm::test {

/// PBKDF2-HMAC-SHA256 with 100,000 rounds and the salt of addUser().
inline constexpr auto kHashOfAdmin123 = "4f38d0aa427361cc71940be34be4a9d7cd081aa5c885d6e51ad424bdeb22397d";
inline constexpr auto kHashOfMypass = "f14179731f5f0d3a410bfdbb2a589c7e5f4b17dd77c1016e18d6ed4dd5eae1f5";

/// Adds an account as an existing farm would have written it, while no farm runs.
inline void addUser(FarmProcess& farm, const std::string& name, const std::string& role = "user",
                    const std::string& hash = kHashOfAdmin123)
{
    const std::string salt = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const auto output = farm.folder() / "sqlite3.log";
    ChildProcess insert({"sqlite3", farm.stateDirectory() / "farm.db",
                         "INSERT INTO users (username, password_hash, role, created_at) VALUES ('" + name + "', '" +
                             salt + ":" + hash + "', '" + role + "', strftime('%s', 'now'))"},
                        output);
    if (insert.wait() != 0)
        throw std::runtime_error("sqlite3: " + insert.output());
}

/// A started farm with the accounts alice and bob next to the administrator.
inline void startWithUsers(FarmProcess& farm)
{
    farm.start();
    farm.admin();   // the database has its tables and its first account
    farm.stop();
    addUser(farm, "alice");
    addUser(farm, "bob");
    farm.start();
}

} // namespace apbfarm::test
