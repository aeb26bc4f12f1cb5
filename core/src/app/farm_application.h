// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <Poco/Util/ServerApplication.h>

#include <optional>
#include <string>

namespace apbfarm::app {

class Farm;

/// The process: command line, configuration, log, signals, exit codes. All else is in Farm.
class FarmApplication final : public Poco::Util::ServerApplication {
protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    enum class Task { Serve, Help, Version, CheckConfig, CheckImport, ListPlugins };

    int serve(const FarmConfig& config);
    /// Until a signal says so; another one reads the configuration again.
    void waitForTheEnd(Farm& farm);
    int listPlugins(const FarmConfig& config);
    int checkImport();
    void printHelp();

    CommandLine commandLine_;
    std::string portFile_;
    Task task_ = Task::Serve;
};

} // namespace apbfarm::app
