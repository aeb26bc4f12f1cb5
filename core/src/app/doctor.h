// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace Poco {
class Logger;
}

namespace apbfarm::app {

enum class Verdict { Ok, Warn, Fail };

/// One thing that was looked at.
struct Finding {
    std::string check;               ///< a word or two: "uploads"
    Verdict verdict = Verdict::Ok;
    std::string text;                ///< what was found
    std::string remedy;              ///< what to do; empty when all is well
};

struct DoctorOptions {
    bool deep = false;               ///< compare digests
    bool json = false;
};

/// Looks for whatever is wrong with a farm, running or not, and changes nothing. One line per check. Returns how bad
/// the worst is: 0, 1 or 2. `load` gives the configuration or throws.
int runDoctor(const std::function<FarmConfig()>& load, const DoctorOptions& options, Poco::Logger& logger,
              std::ostream& out);

} // namespace apbfarm::app
