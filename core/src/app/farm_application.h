// SPDX-License-Identifier: MIT
#pragma once

#include "app/program_options.h"
#include "util/service_manager.h"

#include <Poco/Util/ServerApplication.h>

#include <string>
#include <vector>

namespace apbfarm::app {

class Farm;

/// The process: command line, configuration, log, signals, exit codes. All else is in Farm.
class FarmApplication final : public Poco::Util::ServerApplication {
protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;
    /// Poco runs it in a destructor, where what it throws for want of memory would end the process with a signal.
    void uninitialize() override;

private:
    /// Why a command line makes no sense; empty when it does.
    std::string misuse(const std::vector<std::string>& words);
    int perform();
    int serve(const FarmConfig& config);
    void serveUntilAsked(Farm& farm, const FarmConfig& config);
    /// Until a signal says so; another one reads the configuration again.
    void waitForTheEnd(Farm& farm, const std::string& status);
    int checkImport();
    void printHelp();

    Invocation invocation_;
    std::vector<ProgramOption> given_;
    util::ServiceManager manager_ = util::ServiceManager::fromEnvironment();
};

} // namespace apbfarm::app
