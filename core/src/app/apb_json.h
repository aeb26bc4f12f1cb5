// SPDX-License-Identifier: MIT
#pragma once

#include "app/properties_file.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::app {

/// One build server: its base URL without trailing slash, and the group it is listed under.
struct ServerEntry {
    std::string url;
    std::string group;

    bool operator==(const ServerEntry&) const = default;
};

/// What `apb.json` says. The file is shared with clients and older farms: what is not known is not an error.
struct ApbJson {
    std::vector<ServerEntry> servers;    ///< at least one, in the order of the file, each URL once
    /// The other settings under the names of the properties file; origins name file and JSON path.
    ConfigValues settings;
    std::vector<std::string> warnings;   ///< sentences for the log
};

/// A setting that the file may have.
struct ApbJsonSetting {
    std::string path;                ///< "cache.retention_days"
    std::string kind;                ///< what its value must be, in words
    std::string property;            ///< what it is called in the properties file
};

/// All of them but `servers`, in the order in which people read them.
std::vector<ApbJsonSetting> apbJsonSettings();

/// `fileName` is for messages. Throws `ConfigError` naming file, JSON path and remedy, and the line of a syntax error.
ApbJson parseApbJson(std::string_view text, const std::string& fileName);
ApbJson readApbJson(const std::filesystem::path& file);

/// The first that exists of ./apb.json, /etc/apb/apb.json, ~/.apb/apb.json, ~/.apb-farm/apb.json.
std::optional<std::filesystem::path> findApbJson(const std::filesystem::path& current, const std::string& home);

} // namespace apbfarm::app
