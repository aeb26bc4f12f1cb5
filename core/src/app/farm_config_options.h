// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::app {

/// One option of the core: everything that is known about it.
struct FarmOption {
    std::string key;                 ///< "http.port"
    std::string type;                ///< "number", "duration", ...: for people
    std::string defaultValue;
    std::string help;                ///< one sentence or two
    std::function<void(FarmConfig&, const std::string&)> set; ///< throws `BadValue`
};

struct FarmOptionGroup {
    std::string title;
    std::vector<FarmOption> options;
};

/// Every option of the core, in the order in which people read them. `home` is what `~` stands for.
std::vector<FarmOptionGroup> farmOptions(const std::string& home);

/// Takes over from `fresh` what may change while the farm runs: servers, intervals, limits, the level of the log.
void takeLiveOptions(FarmConfig& config, const FarmConfig& fresh);

/// Keys of options that differ and are not among those.
std::vector<std::string> optionsThatNeedRestart(const FarmConfig& config, const FarmConfig& fresh);

/// All options with their defaults and help, as a properties file.
std::string describeOptions();

} // namespace apbfarm::app
