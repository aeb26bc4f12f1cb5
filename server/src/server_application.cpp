// SPDX-License-Identifier: MIT
#include "server_application.h"

#include "account.h"
#include "build_engine.h"
#include "build_routes.h"
#include "list_routes.h"
#include "makepkg_config.h"
#include "server_errors.h"
#include "system_routes.h"

#include "http/http_server.h"
#include "http/router.h"
#include "util/durable_file.h"
#include "util/text.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/OptionException.h>

#include <iostream>
#include <limits>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

/// Nobody signs in on a build server; who may reach it is decided by the network.
class OpenDoor final : public http::Gatekeeper {
public:
    std::optional<Principal> identify(std::string_view, std::string_view, std::string_view) override
    {
        return std::nullopt;
    }
};

std::uint64_t number(const std::string& name, const std::string& value, std::uint64_t least, std::uint64_t most)
{
    const auto parsed = util::parseUnsigned(value, most);
    if (!parsed || *parsed < least)
        throw Poco::Util::InvalidArgumentException("--" + name + " must be a number from " + std::to_string(least)
                                                   + " to " + std::to_string(most));
    return *parsed;
}

BuilderKind builderKind(const std::string& word)
{
    for (const auto& [name, kind] : {std::pair("auto", BuilderKind::Auto), {"chroot", BuilderKind::Chroot},
                                     {"sandbox", BuilderKind::Sandbox}, {"plain", BuilderKind::Plain}})
        if (word == name)
            return kind;
    throw Poco::Util::InvalidArgumentException("--builder must be auto, chroot, sandbox or plain");
}

void logTo(Poco::Logger& logger)
{
    Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
    Poco::AutoPtr<Poco::PatternFormatter> pattern(new Poco::PatternFormatter("%Y-%m-%d %H:%M:%S.%i %p %t"));
    logger.setChannel(new Poco::FormattingChannel(pattern, console));
}

void announce(std::uint16_t port, const fs::path& file)
{
    if (file.empty())
        return;
    util::DurableFile out(file.has_parent_path() ? file.parent_path() : fs::path("."));
    out.write(std::to_string(port) + "\n");
    out.commit(file);
}

} // namespace

void ServerApplication::addOption(Poco::Util::OptionSet& options, const std::string& name, const std::string& text,
                                  const std::string& argument, const std::string& shortName)
{
    Poco::Util::Option option(name, shortName, text);
    option.repeatable(true);   // the last one stands, as with other programs
    if (!argument.empty())
        option.argument(argument);
    options.addOption(option);
}

void ServerApplication::defineOptions(Poco::Util::OptionSet& options)
{
    Poco::Util::ServerApplication::defineOptions(options);
    addOption(options, "help", "Show this text", {}, "h");
    addOption(options, "version", "Show the version");
    addOption(options, "host", "Address to listen on (localhost)", "address");
    addOption(options, "port", "Port to listen on (8000); 0 for any free one", "number");
    addOption(options, "port-file", "Write the port there once listening", "file");
    addOption(options, "architecture", "Architecture to build for (of this machine)", "name");
    addOption(options, "builder", "auto, chroot, sandbox or plain (auto)", "kind");
    addOption(options, "max-concurrent", "Builds at the same time (3)", "number");
    addOption(options, "builds-dir", "Where builds and their results are kept (./builds)", "folder");
    addOption(options, "build-timeout", "Seconds a build may take unless it says so itself (7200)", "seconds");
    addOption(options, "min-build-timeout", "Least build_timeout a submission may ask for (300)", "seconds");
    addOption(options, "output-timeout", "Seconds without output until a build is ended (1800)", "seconds");
    addOption(options, "max-file-size", "Largest single file of an upload (104857600)", "bytes");
    addOption(options, "max-request-size", "Largest upload (524288000)", "bytes");
    addOption(options, "max-log-size", "Largest log of a build (1073741824)", "bytes");
    addOption(options, "buildroot", "Folder of the chroot, or root file system of the sandbox", "folder");
    addOption(options, "buildroot-command", "Shell command that makes the buildroot ($1) anew", "command");
    addOption(options, "buildroot-autorecreate", "Make the buildroot anew before every n-th build (0: never)", "n");
    addOption(options, "allow-network", "Let builds use the network");
    addOption(options, "user", "Account that builds run as", "name");
    addOption(options, "packager", "PACKAGER of the packages", "text");
    addOption(options, "log-level", "error, warning, information, debug (information)", "level");
}

void ServerApplication::handleOption(const std::string& name, const std::string& value)
{
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    const auto seconds = [&] { return std::chrono::seconds(number(name, value, 1, 30 * 86400)); };
    if (name == "host") settings_.host = value;
    else if (name == "port") settings_.port = static_cast<std::uint16_t>(number(name, value, 0, 65535));
    else if (name == "port-file") settings_.portFile = value;
    else if (name == "architecture") settings_.architecture = value;
    else if (name == "builder") settings_.builder = builderKind(value);
    else if (name == "max-concurrent") settings_.maxConcurrent = static_cast<int>(number(name, value, 1, 256));
    else if (name == "builds-dir") settings_.buildsDir = value;
    else if (name == "build-timeout") settings_.buildTimeout = seconds();
    else if (name == "min-build-timeout") settings_.minBuildTimeout = seconds();
    else if (name == "output-timeout") settings_.outputTimeout = seconds();
    else if (name == "max-file-size") settings_.maxFileSize = number(name, value, 1, kMost);
    else if (name == "max-request-size") settings_.maxRequestSize = number(name, value, 1, kMost);
    else if (name == "max-log-size") settings_.maxLogSize = number(name, value, 1, kMost);
    else if (name == "buildroot") settings_.buildroot = fs::absolute(value);
    else if (name == "buildroot-command") settings_.buildrootCommand = value;
    else if (name == "buildroot-autorecreate") settings_.buildrootAutorecreate = static_cast<int>(number(name, value, 0, 1000000));
    else if (name == "allow-network") settings_.allowNetwork = true;
    else if (name == "user") settings_.user = value;
    else if (name == "packager") settings_.packager = value;
    else if (name == "log-level") setLogLevel(value);
    else if (name == "help" || name == "version") {
        onlyTell_ = true;
        stopOptionsProcessing();
        if (name == "version") {
            std::cout << "apb-server " APB_FARM_VERSION "\n";
            return;
        }
        Poco::Util::HelpFormatter help(options());
        help.setCommand(commandName());
        help.setUsage("OPTIONS");
        help.setHeader("A build server: takes PKGBUILD submissions over HTTP and builds packages with makepkg.");
        help.setUnixStyle(true);
        help.format(std::cout);
    } else {
        Poco::Util::ServerApplication::handleOption(name, value);
    }
}

void ServerApplication::setLogLevel(const std::string& level)
{
    logger().setLevel(level);
    Poco::Logger::root().setLevel(level);
}

int ServerApplication::main(const std::vector<std::string>& arguments)
{
    if (onlyTell_)
        return EXIT_OK;
    if (!arguments.empty()) {
        std::cerr << "apb-server: unexpected argument '" << arguments.front() << "'; see --help\n";
        return EXIT_USAGE;
    }
    logTo(logger());
    try {
        return serve();
    } catch (const std::exception& error) {
        logger().fatal(std::string("cannot serve: ") + error.what());
        return EXIT_SOFTWARE;
    }
}

int ServerApplication::serve()
{
    if (settings_.architecture.empty())
        settings_.architecture = machineArchitecture();
    settings_.buildsDir = fs::absolute(settings_.buildsDir).lexically_normal();
    const auto account = findBuildAccount(settings_.user);
    auto& log = logger();
    BuildTable table(settings_.buildsDir, [&log](const std::string& trouble) { log.error(trouble); });
    table.restore();

    std::string weakness;
    const auto builder = chooseBuilder(settings_, account, weakness);
    if (!weakness.empty())
        log.warning(weakness);
    BuildEngine engine(settings_, *builder, account, table, [&log](const std::string& text) { log.information(text); });

    http::Router router;
    BuildRoutes builds(settings_, table, engine);
    ListRoutes lists(table);
    SystemRoutes system(settings_, table, engine);
    builds.declare(router);
    lists.declare(router);
    system.declare(router);

    OpenDoor door;
    http::ServerOptions options;
    options.host = settings_.host;
    options.port = settings_.port;
    options.maxFormBody = settings_.maxRequestSize;
    options.maxFormFile = settings_.maxFileSize;
    options.idleTimeout = std::chrono::seconds(60);
    options.heartbeat = std::chrono::seconds(30);
    options.temporaryDirectory = settings_.buildsDir / ".uploads";
    http::HttpServer server(options, router, door, renderError);

    log.information("apb-server " APB_FARM_VERSION " listens on %s:%s, builds for %s as %s (%s)", settings_.host,
                    std::to_string(server.port()), settings_.architecture, account.name, builder->name());
    announce(server.port(), settings_.portFile);
    waitForTerminationRequest();
    log.information("stopping");
    server.stop();
    engine.stop();
    return EXIT_OK;
}

} // namespace apbfarm::server
