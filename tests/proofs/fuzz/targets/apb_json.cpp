// SPDX-License-Identifier: MIT
#include "property.h"

#include "app/apb_json.h"
#include "app/farm_config_error.h"

#include <set>

namespace apbfarm::fuzz {

void tryInput(std::string_view bytes)
{
    try {
        const auto file = app::parseApbJson(bytes, "apb.json");
        require(!file.servers.empty(), "there is a server");
        std::set<std::string> seen;
        for (const auto& server : file.servers) {
            const bool web = server.url.starts_with("http://") || server.url.starts_with("https://")
                || server.url.starts_with("HTTP") || server.url.find("://") != std::string::npos;
            require(web && !server.url.ends_with('/') && server.url.find_first_of(" ?#\\") == std::string::npos,
                    "the address of a server is plain (V1)");
            require(seen.insert(server.url).second, "each server once");
        }
        for (const auto& warning : file.warnings)
            require(!hasControls(warning), "a warning is one line");
    } catch (const app::ConfigError& error) {
        require(std::string_view(error.what()).starts_with("apb.json"), "the sentence names the file (O1)");
        require(!hasControls(error.what()), "it is one line");
    }
}

}
