// SPDX-License-Identifier: MIT
#include "server_options.h"

#include "util/text.h"

#include <Poco/Util/OptionException.h>

#include <limits>

namespace apbfarm::server {

namespace {

using Text = const std::string&;

std::uint64_t number(Text name, Text value, std::uint64_t least, std::uint64_t most)
{
    const auto parsed = util::parseUnsigned(value, most);
    if (!parsed || *parsed < least)
        throw Poco::Util::InvalidArgumentException("--" + name + " must be a number from " + std::to_string(least)
                                                   + " to " + std::to_string(most));
    return *parsed;
}

int count(Text name, Text value, std::uint64_t least, std::uint64_t most)
{
    return static_cast<int>(number(name, value, least, most));
}

std::chrono::seconds seconds(Text name, Text value)
{
    return std::chrono::seconds(number(name, value, 1, 30 * 86400));
}

std::uint64_t bytes(Text name, Text value)
{
    return number(name, value, 1, std::numeric_limits<std::int64_t>::max());
}

BuilderKind builderKind(Text word)
{
    for (const auto& [name, kind] : {std::pair("auto", BuilderKind::Auto), {"chroot", BuilderKind::Chroot},
                                     {"sandbox", BuilderKind::Sandbox}, {"plain", BuilderKind::Plain}})
        if (word == name)
            return kind;
    throw Poco::Util::InvalidArgumentException("--builder must be auto, chroot, sandbox or plain");
}

} // namespace

const std::vector<ServerOption>& serverOptions()
{
    static const std::vector<ServerOption> options{
        {"host", "address", "Address to listen on (localhost)",
         [](Text, Text value, Settings& settings) { settings.host = value; }},
        {"port", "number", "Port to listen on (8000); 0 for any free one",
         [](Text name, Text value, Settings& settings) {
             settings.port = static_cast<std::uint16_t>(number(name, value, 0, 65535));
         }},
        {"port-file", "file", "Write the port there once listening",
         [](Text, Text value, Settings& settings) { settings.portFile = value; }},
        {"secret-file", "file", "Answer only to who sends one of the secrets in there (nobody is asked)",
         [](Text, Text value, Settings& settings) { settings.secretFile = std::filesystem::absolute(value); }},
        {"architecture", "name", "Architecture to build for (of this machine)",
         [](Text, Text value, Settings& settings) { settings.architecture = value; }},
        {"builder", "kind", "auto, chroot, sandbox or plain (auto)",
         [](Text, Text value, Settings& settings) { settings.builder = builderKind(value); }},
        {"max-concurrent", "number", "Builds at the same time (3)",
         [](Text name, Text value, Settings& settings) { settings.maxConcurrent = count(name, value, 1, 256); }},
        {"builds-dir", "folder", "Where builds and their results are kept (./builds)",
         [](Text, Text value, Settings& settings) { settings.buildsDir = value; }},
        {"build-timeout", "seconds", "What a build may take unless its submission says so (7200)",
         [](Text name, Text value, Settings& settings) { settings.buildTimeout = seconds(name, value); }},
        {"min-build-timeout", "seconds", "Least build_timeout that a submission may ask for (300)",
         [](Text name, Text value, Settings& settings) { settings.minBuildTimeout = seconds(name, value); }},
        {"output-timeout", "seconds", "Silence after which a build is ended (1800)",
         [](Text name, Text value, Settings& settings) { settings.outputTimeout = seconds(name, value); }},
        {"max-file-size", "bytes", "Largest single file of an upload (104857600)",
         [](Text name, Text value, Settings& settings) { settings.maxFileSize = bytes(name, value); }},
        {"max-request-size", "bytes", "Largest upload (524288000)",
         [](Text name, Text value, Settings& settings) { settings.maxRequestSize = bytes(name, value); }},
        {"max-log-size", "bytes", "Largest log of a build (1073741824)",
         [](Text name, Text value, Settings& settings) { settings.maxLogSize = bytes(name, value); }},
        {"buildroot", "folder", "Folder of the chroot, or root file system of the sandbox",
         [](Text, Text value, Settings& settings) { settings.buildroot = std::filesystem::absolute(value); }},
        {"buildroot-command", "command", "Shell command that makes the buildroot ($1) anew",
         [](Text, Text value, Settings& settings) { settings.buildrootCommand = value; }},
        {"buildroot-autorecreate", "n", "Make the buildroot anew before every n-th build (0: never)",
         [](Text name, Text value, Settings& settings) {
             settings.buildrootAutorecreate = count(name, value, 0, 1'000'000);
         }},
        {"allow-network", "", "Let builds use the network",
         [](Text, Text, Settings& settings) { settings.allowNetwork = true; }},
        {"user", "name", "Account that builds run as",
         [](Text, Text value, Settings& settings) { settings.user = value; }},
        {"packager", "text", "PACKAGER of the packages",
         [](Text, Text value, Settings& settings) { settings.packager = value; }},
        {"log-level", "level", "error, warning, information or debug (information)",
         [](Text, Text value, Settings& settings) { settings.logLevel = value; }},
        {"version", "", "Show the version", [](Text, Text, Settings& settings) { settings.task = Task::Version; }},
        {"help", "", "Show this text", [](Text, Text, Settings& settings) { settings.task = Task::Help; }},
    };
    return options;
}

} // namespace apbfarm::server
