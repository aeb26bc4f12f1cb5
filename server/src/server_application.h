// SPDX-License-Identifier: MIT
#pragma once

#include "settings.h"

#include <Poco/Util/OptionSet.h>
#include <Poco/Util/ServerApplication.h>

namespace apbfarm::server {

/// The process: options, logging, signals. Builds its parts in order and takes them down in reverse.
class ServerApplication final : public Poco::Util::ServerApplication {
protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    int main(const std::vector<std::string>& arguments) override;

private:
    void addOption(Poco::Util::OptionSet& options, const std::string& name, const std::string& text,
                   const std::string& argument = {}, const std::string& shortName = {});
    void setLogLevel(const std::string& level);
    int serve();

    Settings settings_;
    bool onlyTell_ = false;   ///< --help or --version has been answered
};

} // namespace apbfarm::server
