// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/context.h>
#include <apbfarm/storage.h>

#include <cstdint>
#include <optional>
#include <string>

namespace smtp {

/// The mail server and how to talk to it. Empty texts are unset.
struct SmtpConfig {
    std::int64_t id = 0;
    std::string server;
    int port = 587;
    std::string username;
    std::string storedPassword;      ///< sealed; see SmtpSettings::openPassword
    bool useTls = true;              ///< STARTTLS, or TLS from the first byte on the ports for that
    std::string fromEmail;
    std::string fromName;
    double createdAt = 0;            ///< seconds since 1970
    double updatedAt = 0;
};

/// The one row of the table `smtp_config`. Thread-safe: all state is in the database.
///
/// Passwords are sealed with the farm's key. Plain ones that an older farm left are sealed at the start, or when they are
/// first seen.
class SmtpSettings {
public:
    /// Makes the table when it is missing, seals plain passwords.
    SmtpSettings(apbfarm::Storage& storage, apbfarm::SecretBox& secrets);

    std::optional<SmtpConfig> find();

    /// Replaces what is there, keeping its id and time of creation. `password` empty: the stored one stays when server
    /// and user name are the same, otherwise it is forgotten, so that it can never be sent to another server.
    SmtpConfig save(SmtpConfig wanted, const std::optional<std::string>& password);

    /// False when there was none.
    bool remove();

    /// Empty when there is none. Throws `InvalidInput` when it was sealed with another key.
    std::string openPassword(const SmtpConfig& config);

private:
    std::string seal(const std::string& password, std::int64_t id);
    std::string sealStored(std::int64_t id, const std::string& plain);

    apbfarm::ModuleTables& tables_;
    apbfarm::SecretBox& secrets_;
};

} // namespace smtp
