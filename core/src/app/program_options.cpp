// SPDX-License-Identifier: MIT
#include "app/program_options.h"

#include "util/text.h"

#include <algorithm>
#include <utility>

namespace apbfarm::app {

namespace {

ProgramOption text(std::string name, std::string argument, std::string help, std::optional<std::string> CommandLine::*place)
{
    return {std::move(name), std::move(argument), std::move(help),
            [place](Invocation& invocation, const std::string& value) { invocation.commandLine.*place = value; }};
}

ProgramOption task(std::string name, std::string help, Task task)
{
    return {std::move(name), "", std::move(help), [task](Invocation& invocation, const std::string&) {
                invocation.task = task;
            }};
}

ProgramOption flag(std::string command, std::string name, std::string help, bool Invocation::*place)
{
    return {std::move(name), "", std::move(help),
            [place](Invocation& invocation, const std::string&) { invocation.*place = true; }, std::move(command)};
}

bool mayBeLeftOut(const ProgramCommand& command)
{
    return command.argument.empty() || command.argument.starts_with('[');
}

} // namespace

const std::vector<ProgramCommand>& programCommands()
{
    static const std::vector<ProgramCommand> commands{
        {"backup", "DIR|FILE",
         "Copy the database, uploads, logs, packages and configuration, also while the farm runs: into a new folder, or "
         "into one file when the name ends with .tar, .tar.gz or .tar.zst. In a folder that exists it gets a name with "
         "the time. Ends with 1 when it was made but files are missing or damaged in the farm itself",
         Task::Backup},
        {"restore", "BACKUP",
         "Put a backup in place, after checking all of it: everything or nothing. The farm must not run, and where it "
         "keeps its state there must be none",
         Task::Restore},
        {"doctor", "",
         "Look for whatever is wrong with this farm, and say what to do about it. Changes nothing. Ends with 0: all is "
         "well, 1: there are warnings, 2: something is broken",
         Task::Doctor},
        {"secrets rotate", "",
         "Make a new key and seal all secrets in the database with it. The farm must not run. After a crash the farm "
         "starts all the same, and the same command completes what was begun",
         Task::RotateKey},
        {"set-admin-password", "[USER]",
         "Give an administrator (admin, if none is named) a new password, asked for without showing it or read from "
         "standard input, and reactivate the account. All its sessions end. Also while the farm runs",
         Task::SetAdminPassword},
    };
    return commands;
}

std::string applyWords(Invocation& invocation, const std::vector<std::string>& words)
{
    if (words.empty())
        return {};
    const auto said = util::join(words, " ");
    const auto& commands = programCommands();
    const auto command = std::ranges::find_if(commands, [&](const ProgramCommand& known) {
        return said == known.name || said.starts_with(known.name + " ");
    });
    if (command == commands.end())
        return "'" + words.front() + "' is neither an option nor a command";
    const auto count = words.size() - 1 - static_cast<std::size_t>(std::ranges::count(command->name, ' '));
    if (count > (command->argument.empty() ? 0 : 1))
        return "'" + words.back() + "' is too much for " + command->name;
    if (count == 0 && !mayBeLeftOut(*command))
        return command->name + " needs " + command->argument;
    invocation.task = command->task;
    invocation.subject = count > 0 ? words.back() : "";
    return {};
}

const std::vector<ProgramOption>& programOptions()
{
    static const std::vector<ProgramOption> options{
        text("host", "ADDRESS", "Address to listen on", &CommandLine::host),
        text("port", "NUMBER", "Port to listen on; 0 takes any free one", &CommandLine::port),
        text("log-level", "LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL", &CommandLine::logLevel),
        text("config", "FILE", "The apb.json with the build servers", &CommandLine::config),
        text("database", "FILE", "The SQLite database", &CommandLine::database),
        text("properties", "FILE", "The properties file of the daemon and its plugins", &CommandLine::properties),
        {"port-file", "FILE", "Write the port there once the farm listens",
         [](Invocation& invocation, const std::string& value) { invocation.portFile = value; }},
        {"no-auth", "", "No authentication, everybody is administrator: for development only",
         [](Invocation& invocation, const std::string&) { invocation.commandLine.noAuth = true; }},
        task("check-config", "Check the configuration and the plugins, then end", Task::CheckConfig),
        task("import-check",
             "Say what a start would do to the database of an existing farm, change nothing. Ends with 0: fine, 1: "
             "possible, but problems were found, 2: not possible",
             Task::CheckImport),
        task("list-plugins",
             "Show every plugin in the plugin folder with its options: name, kind of value, default, meaning",
             Task::ListPlugins),
        flag("backup", "with-secrets", "Put the key into the backup too, with which secrets in the database are sealed",
             &Invocation::withSecrets),
        flag("restore", "force", "Put aside the state that is there, into a folder beside it", &Invocation::force),
        flag("doctor", "deep", "Read every file and compare its digest", &Invocation::deep),
        flag("doctor", "json", "One JSON object instead of lines", &Invocation::json),
        {"key", "FILE", "The key, when it lies elsewhere than in the state directory, for example /etc/credstore/apb-farm.key",
         [](Invocation& invocation, const std::string& value) { invocation.keyFile = value; }, "secrets rotate"},
        task("version", "Show the version", Task::Version),
        task("help", "Show this text", Task::Help),
    };
    return options;
}

} // namespace apbfarm::app
