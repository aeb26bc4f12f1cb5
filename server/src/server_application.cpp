// SPDX-License-Identifier: MIT
#include "server_application.h"

#include "build_server.h"
#include "makepkg_config.h"
#include "server_options.h"

#include "http/self_check.h"
#include "util/durable_file.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/PatternFormatter.h>
#include <Poco/Util/HelpFormatter.h>

#include <iostream>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

Poco::Util::Option option(const std::string& name, const std::string& help, const std::string& argument)
{
    Poco::Util::Option option(name, name == "help" ? "h" : "", help);
    option.repeatable(true);   // the last one stands, as with other programs
    if (!argument.empty())
        option.argument(argument);
    return option;
}

void logTo(Poco::Logger& logger, const std::string& level)
{
    Poco::AutoPtr<Poco::ConsoleChannel> console(new Poco::ConsoleChannel(std::cerr));
    Poco::AutoPtr<Poco::PatternFormatter> pattern(new Poco::PatternFormatter("%Y-%m-%d %H:%M:%S.%i %p %t"));
    logger.setChannel(new Poco::FormattingChannel(pattern, console));
    logger.setLevel(level);
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

void ServerApplication::defineOptions(Poco::Util::OptionSet& options)
{
    for (const auto& known : serverOptions())
        options.addOption(option(known.name, known.help, known.argument));
}

void ServerApplication::handleOption(const std::string& name, const std::string& value)
{
    for (const auto& known : serverOptions())
        if (known.name == name)
            known.apply(name, value, settings_);
    if (settings_.task != Task::Serve)
        stopOptionsProcessing();
}

void ServerApplication::showHelp() const
{
    Poco::Util::HelpFormatter help(options());
    help.setCommand(commandName());
    help.setUsage("OPTIONS");
    help.setHeader("A build server: takes PKGBUILD submissions over HTTP and builds packages with makepkg.");
    help.setUnixStyle(true);
    help.format(std::cout);
}

int ServerApplication::main(const std::vector<std::string>& arguments)
{
    if (settings_.task == Task::Help) {
        showHelp();
        return EXIT_OK;
    }
    if (settings_.task == Task::Version) {
        std::cout << "apb-server " APB_FARM_VERSION "\n";
        return EXIT_OK;
    }
    if (!arguments.empty()) {
        std::cerr << "apb-server: unexpected argument '" << arguments.front() << "'; see --help\n";
        return EXIT_USAGE;
    }
    try {
        logTo(logger(), settings_.logLevel);
        return serve();
    } catch (const Poco::InvalidArgumentException& error) {
        std::cerr << "apb-server: " << error.displayText() << "\n";
        return EXIT_USAGE;
    } catch (const InvalidInput& error) {
        std::cerr << "apb-server: " << error.what() << "\n";
        return EXIT_USAGE;
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
    fs::create_directories(settings_.buildsDir);
    const auto account = findBuildAccount(settings_.user);
    std::string weakness;
    const auto builder = chooseBuilder(settings_, account, weakness);
    auto& log = logger();
    if (!weakness.empty())
        log.warning(weakness);

    BuildServer server(settings_, *builder, account, [&log](const std::string& text) { log.information(text); });
    log.information("apb-server " APB_FARM_VERSION " listens on %s:%s, builds for %s as %s (%s)", settings_.host,
                    std::to_string(server.port()), settings_.architecture, account.name, builder->name());
    announce(server.port(), settings_.portFile);
    manager_.ready("Listening on " + settings_.host + ":" + std::to_string(server.port()));
    const auto heartbeat = http::startHeartbeat(manager_, settings_.host, server.port(),
                                                [&log](const std::string& what) { log.error(what); });
    waitForTerminationRequest();
    manager_.stopping();
    log.information("stopping");
    server.stop();
    return EXIT_OK;
}

} // namespace apbfarm::server
