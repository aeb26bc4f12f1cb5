// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_address.h"
#include "util/secret_file.h"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace apbfarm::fleet {

/// Secrets that build servers want to see (V7), by their URL in the one spelling of `plainUrl`.
using SecretsByUrl = std::map<std::string, std::string>;

/// The same text for every way to write the address of a server: "https://builder.example.org:443/path".
std::string plainUrl(const ServerUrl& url);

/// A JSON object of server URLs, written as in apb.json, and their secrets. Throws `InvalidInput` naming file and
/// server, never a secret: also for a file that others may read (O2), and for two entries of one server.
SecretsByUrl readServerSecrets(const std::filesystem::path& file);

/// The secrets as their file has them now: it is read again when it has changed. Thread-safe.
class ServerSecrets {
public:
    /// `report` is told that the file was read again, or why that failed and all stays as it was. Throws as
    /// `readServerSecrets` does.
    ServerSecrets(const std::filesystem::path& file, std::function<void(const std::string& sentence)> report);

    /// Empty when the file has none for that server.
    std::string of(const ServerUrl& url);

private:
    util::FollowedFile<SecretsByUrl> file_;
};

} // namespace apbfarm::fleet
