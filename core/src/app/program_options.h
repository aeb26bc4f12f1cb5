// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <functional>
#include <string>
#include <vector>

namespace apbfarm::app {

enum class Task {
    Serve, Help, Version, CheckConfig, CheckImport, ListPlugins,
    Backup, Restore, Doctor, RotateKey, SetAdminPassword
};

/// What a command line asks for.
struct Invocation {
    CommandLine commandLine;
    std::string portFile;            ///< empty: none
    Task task = Task::Serve;
    std::string subject;             ///< what a command is about: a backup, an account; empty when not given
    std::string keyFile;             ///< empty: the configured one
    bool withSecrets = false, force = false, deep = false, json = false;
};

/// One option of the command line and what it changes. Help, manual page and completion are made from these.
struct ProgramOption {
    std::string name;
    std::string argument;            ///< what follows it, in a word; empty for a switch
    std::string help;
    std::function<void(Invocation& invocation, const std::string& value)> apply;
    std::string command = {};        ///< the command that alone takes it; empty: whatever is asked for
};

/// A word or two that ask for something else than serving.
struct ProgramCommand {
    std::string name;                ///< "secrets rotate"
    std::string argument;            ///< "BACKUP"; in brackets when it may be left out; empty: none
    std::string help;
    Task task;
};

/// Both in the order in which people read them.
const std::vector<ProgramOption>& programOptions();
const std::vector<ProgramCommand>& programCommands();

/// Takes the words of a command line that are no options. Returns a sentence when they make no sense, else nothing.
std::string applyWords(Invocation& invocation, const std::vector<std::string>& words);

} // namespace apbfarm::app
