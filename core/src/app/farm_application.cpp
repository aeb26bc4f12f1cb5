// SPDX-License-Identifier: MIT
#include "app/farm_application.h"

#include "app/config_check.h"
#include "app/farm.h"
#include "app/farm_config_error.h"
#include "app/import_report.h"
#include "app/install_paths.h"
#include "app/log_setup.h"
#include "plugin/plugin_error.h"

#include <Poco/Util/HelpFormatter.h>

#include <sys/prctl.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>

namespace apbfarm::app {

using Poco::Util::Option;

namespace {

/// Written under another name first: whoever waits for the file finds it whole.
void writePortFile(const std::string& file, std::uint16_t port)
{
    const auto temporary = file + ".new";
    std::ofstream(temporary) << port << "\n";
    std::filesystem::rename(temporary, file);
}

sigset_t awaitedSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP})
        sigaddset(&signals, signal);
    return signals;
}

void prepareProcess()
{
    ::umask(077);
    ::signal(SIGPIPE, SIG_IGN);
    ::prctl(PR_SET_DUMPABLE, 0);   // C2: no secrets in core files
    // Before any thread starts: only the main thread takes them, where it waits for them.
    const auto signals = awaitedSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

} // namespace

void FarmApplication::defineOptions(Poco::Util::OptionSet& options)
{
    const auto text = [&](const char* name, const char* argument, const char* help) {
        options.addOption(Option(name, "", help).argument(argument));
    };
    const auto flag = [&](const char* name, const char* help) { options.addOption(Option(name, "", help)); };
    text("host", "ADDRESS", "Address to listen on");
    text("port", "NUMBER", "Port to listen on; 0 takes any free one");
    text("log-level", "LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL");
    text("config", "FILE", "The apb.json with the build servers");
    text("database", "FILE", "The SQLite database");
    text("properties", "FILE", "The properties file of the daemon and its plugins");
    text("port-file", "FILE", "Write the port there once the farm listens");
    flag("no-auth", "No authentication, everybody is administrator: for development only");
    flag("check-config", "Check the configuration and the plugins, then end");
    flag("import-check", "Say what a start would do to the database of an existing farm, change nothing. Ends with 0: "
                         "fine, 1: possible, but problems were found, 2: not possible");
    flag("list-plugins", "Show the plugins that can be loaded, with their options");
    flag("version", "Show the version");
    flag("help", "Show this text");
}

void FarmApplication::handleOption(const std::string& name, const std::string& value)
{
    if (name == "host")
        commandLine_.host = value;
    else if (name == "port")
        commandLine_.port = value;
    else if (name == "log-level")
        commandLine_.logLevel = value;
    else if (name == "config")
        commandLine_.config = value;
    else if (name == "database")
        commandLine_.database = value;
    else if (name == "properties")
        commandLine_.properties = value;
    else if (name == "port-file")
        portFile_ = value;
    else if (name == "no-auth")
        commandLine_.noAuth = true;
    else if (name == "check-config")
        task_ = Task::CheckConfig;
    else if (name == "import-check")
        task_ = Task::CheckImport;
    else if (name == "list-plugins")
        task_ = Task::ListPlugins;
    else if (name == "version")
        task_ = Task::Version;
    else if (name == "help")
        task_ = Task::Help;
    if (task_ == Task::Help || task_ == Task::Version)
        stopOptionsProcessing();
}

void FarmApplication::printHelp()
{
    Poco::Util::HelpFormatter formatter(options());
    formatter.setCommand("apb-farm");
    formatter.setUsage("[OPTION]...");
    formatter.setHeader("Control plane of a package build farm.");
    formatter.setUnixStyle(true);
    formatter.setWidth(100);
    formatter.format(std::cout);
}

int FarmApplication::main(const std::vector<std::string>& arguments)
{
    if (!arguments.empty()) {
        std::cerr << "apb-farm: '" << arguments.front() << "' is not an option; see apb-farm --help\n";
        return EXIT_USAGE;
    }
    if (task_ == Task::Help) {
        printHelp();
        return EXIT_OK;
    }
    if (task_ == Task::Version) {
        std::cout << "apb-farm " << APB_FARM_VERSION << "\n";
        return EXIT_OK;
    }
    if (task_ == Task::CheckImport)
        return checkImport();
    try {
        const auto config = loadConfig(commandLine_, processEnvironment());
        if (task_ == Task::ListPlugins)
            return listPlugins(config);
        setUpLog(config.log.level, config.log.format);
        for (const auto& warning : config.warnings)
            logger().warning(warning);
        return serve(config);
    } catch (const ConfigError& error) {
        std::cerr << "apb-farm: " << error.what() << "\n";
        return EXIT_CONFIG;
    } catch (const plugin::PluginError& error) {
        std::cerr << "apb-farm: " << error.what() << "\n";
        return EXIT_CONFIG;
    } catch (const std::exception& error) {
        std::cerr << "apb-farm: " << error.what() << "\n";
        return EXIT_UNAVAILABLE;
    }
}

int FarmApplication::checkImport()
{
    try {
        return app::checkImport(loadConfig(commandLine_, processEnvironment()), std::cout);
    } catch (const std::exception& error) {
        std::cerr << "apb-farm: " << error.what() << "\n";
        return kImportRefused;
    }
}

int FarmApplication::listPlugins(const FarmConfig& config)
{
    plugin::PluginLoader loader(pluginDirectory(config));
    plugin::ExtensionCatalog catalog;
    for (const auto& name : loader.available())
        catalog.admit(loader.load(name));
    std::cout << catalog.describe();
    return EXIT_OK;
}

void FarmApplication::waitForTheEnd(Farm& farm)
{
    const auto signals = awaitedSignals();
    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        if (signal != SIGHUP)
            return;
        farm.reload([this] { return loadConfig(commandLine_, processEnvironment()); });
    }
}

int FarmApplication::serve(const FarmConfig& config)
{
    if (task_ == Task::CheckConfig) {
        checkPlugins(config, logger());
        std::cout << "The configuration is fine.\n";
        return EXIT_OK;
    }
    prepareProcess();
    std::atomic<bool> failed{false};
    Farm farm(config, logger(), [&] {
        failed = true;
        terminate();
    });
    logger().information("Listening on " + config.http.host + ":" + std::to_string(farm.port()));
    if (!portFile_.empty())
        writePortFile(portFile_, farm.port());
    waitForTheEnd(farm);
    logger().information("Stopping");
    return failed ? EXIT_IOERR : EXIT_OK;
}

} // namespace apbfarm::app
