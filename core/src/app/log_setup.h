// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

namespace apbfarm::app {

/// Sends all logging to standard error, one line per event (I2), at that level.
void setUpLog(LogLevel level, LogFormat format);

} // namespace apbfarm::app
