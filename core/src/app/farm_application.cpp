// SPDX-License-Identifier: MIT
#include "app/farm_application.h"

#include "app/commands.h"
#include "app/config_check.h"
#include "app/farm.h"
#include "app/farm_config_error.h"
#include "app/import_report.h"
#include "app/install_paths.h"
#include "app/log_setup.h"
#include "http/self_check.h"
#include "plugin/plugin_error.h"
#include "util/secrets.h"

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
    std::ofstream out(temporary);
    out << port << "\n";
    out.close();
    if (!out)
        throw std::runtime_error("cannot write the port to " + temporary);
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
    util::startCrypto();
}

} // namespace

void FarmApplication::defineOptions(Poco::Util::OptionSet& options)
{
    for (const auto& known : programOptions()) {
        Option option(known.name, "", known.help);
        options.addOption(known.argument.empty() ? option : option.argument(known.argument));
    }
}

void FarmApplication::handleOption(const std::string& name, const std::string& value)
{
    for (const auto& known : programOptions())
        if (known.name == name) {
            known.apply(invocation_, value);
            given_.push_back(known);
        }
    if (invocation_.task == Task::Help || invocation_.task == Task::Version)
        stopOptionsProcessing();
}

void FarmApplication::printHelp()
{
    Poco::Util::HelpFormatter formatter(options());
    formatter.setCommand("apb-farm");
    std::string header = "Control plane of a package build farm. Without a command it serves until it is told to stop.\n\n";
    for (const auto& command : programCommands())
        header += command.name + (command.argument.empty() ? "" : " " + command.argument) + "\n    " + command.help + "\n";
    formatter.setUsage("[OPTION]... [COMMAND]");
    formatter.setHeader(header);
    formatter.setUnixStyle(true);
    formatter.setWidth(100);
    formatter.format(std::cout);
}

int FarmApplication::main(const std::vector<std::string>& arguments)
{
    if (invocation_.task == Task::Help) {
        printHelp();
        return EXIT_OK;
    }
    if (invocation_.task == Task::Version) {
        std::cout << "apb-farm " << APB_FARM_VERSION << "\n";
        return EXIT_OK;
    }
    if (const auto wrong = misuse(arguments); !wrong.empty()) {
        std::cerr << "apb-farm: " << wrong << "; see apb-farm --help\n";
        return EXIT_USAGE;
    }
    return perform();
}

std::string FarmApplication::misuse(const std::vector<std::string>& words)
{
    if (auto wrong = applyWords(invocation_, words); !wrong.empty())
        return wrong;
    for (const auto& option : given_)
        for (const auto& command : programCommands())
            if (command.name == option.command && command.task != invocation_.task)
                return "--" + option.name + " belongs to apb-farm " + command.name;
    return {};
}

void FarmApplication::uninitialize()
{
    try {
        Application::uninitialize();
    } catch (const std::exception&) {
        // Everything of the farm has ended already.
    }
}

int FarmApplication::perform()
{
    if (invocation_.task == Task::CheckImport)
        return checkImport();
    try {
        if (isCommand(invocation_.task))
            return runCommand(invocation_, std::cout);
        const auto config = loadConfig(invocation_.commandLine, processEnvironment());
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
        return app::checkImport(loadConfig(invocation_.commandLine, processEnvironment()), std::cout);
    } catch (const std::exception& error) {
        std::cerr << "apb-farm: " << error.what() << "\n";
        return kImportRefused;
    }
}

void FarmApplication::waitForTheEnd(Farm& farm, const std::string& status)
{
    const auto signals = awaitedSignals();
    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        if (signal != SIGHUP)
            return;
        manager_.reloading();
        farm.reload([this] { return loadConfig(invocation_.commandLine, processEnvironment()); });
        manager_.ready(status);
    }
}

void FarmApplication::serveUntilAsked(Farm& farm, const FarmConfig& config)
{
    const auto status = "Listening on " + config.http.host + ":" + std::to_string(farm.port());
    logger().information(status);
    const auto heartbeat = http::startHeartbeat(manager_, config.http.host, farm.port(),
                                                [this](const std::string& what) { logger().error(what); });
    manager_.ready(status);
    // Last: who reads it takes the start for a success.
    if (!invocation_.portFile.empty())
        writePortFile(invocation_.portFile, farm.port());
    waitForTheEnd(farm, status);
    manager_.stopping();
    logger().information("Stopping");
}

int FarmApplication::serve(const FarmConfig& config)
{
    if (invocation_.task == Task::CheckConfig) {
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
    serveUntilAsked(farm, config);
    return failed ? EXIT_IOERR : EXIT_OK;
}

} // namespace apbfarm::app
