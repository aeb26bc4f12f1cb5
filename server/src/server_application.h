// SPDX-License-Identifier: MIT
#pragma once

#include "settings.h"

#include "util/service_manager.h"

#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>

namespace apbfarm::server {

/// The process: options, logging, signals.
class ServerApplication final : public Poco::Util::ServerApplication {
protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    void showHelp() const;
    int serve();

    Settings settings_;
    util::ServiceManager manager_ = util::ServiceManager::fromEnvironment();
};

} // namespace apbfarm::server
