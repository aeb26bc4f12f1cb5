// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

namespace apbfarm::app {

/// Fields that a message carries beside its text, and that a line of JSON shows as members of their own: the texts
/// request_id, client, user, method and path, the numbers status, bytes and duration_us.
/// Sends all logging to standard error, one line per event (I2), at that level.
void setUpLog(LogLevel level, LogFormat format);
/// From the next event on, for all parts of the program.
void setLogLevel(LogLevel level);

} // namespace apbfarm::app
