// SPDX-License-Identifier: MIT
#include "app/program_options.h"

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

} // namespace

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
        task("list-plugins", "Show the plugins that can be loaded, with their options", Task::ListPlugins),
        task("version", "Show the version", Task::Version),
        task("help", "Show this text", Task::Help),
    };
    return options;
}

} // namespace apbfarm::app
