// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace apbfarm::manual {

struct Fact {
    std::string name;                ///< "port-file", "http.port", "cache.enabled"
    std::string argument;            ///< of a command line; empty for a switch
    std::string type, defaultValue;  ///< of a setting
    std::string help;
};

struct FactGroup {
    std::string title;
    std::vector<Fact> facts;
};

/// All that can be chosen, from the tables that the programs themselves use.
struct Facts {
    std::vector<Fact> farmOptions, serverOptions;   ///< of the command lines
    std::vector<Fact> farmCommands;                 ///< with the names of the options that only they take in `type`
    std::vector<FactGroup> properties;              ///< of the core, then of each bundled plugin
    std::vector<Fact> jsonSettings;                 ///< of apb.json; `help` names the property
};

/// Loads all plugins in the folder. Throws what the loader throws.
Facts gatherFacts(const std::filesystem::path& pluginDirectory);

/// "auto, chroot or plain (auto)" lists words to choose from; empty for other sentences.
std::vector<std::string> choicesIn(const std::string& help);

} // namespace apbfarm::manual
