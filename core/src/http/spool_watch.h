// SPDX-License-Identifier: MIT
#pragma once

#include "util/shared_bytes.h"

#include <functional>
#include <string>

namespace apbfarm::http {

/// Told what was appended to a file, though it may not be written yet, and whether that was all; destroyed before the
/// file is closed. Each piece has an owner, which may be kept for a while: nothing more arrives when all are kept.
using SpoolProgress = std::function<void(const util::SharedBytes& appended, bool whole)>;

/// Asked about each file in a large form that goes to disk, by the name of its part; may answer an empty function. Both
/// are called on the event loop and must not block.
using SpoolWatch = std::function<SpoolProgress(const std::string& part, int descriptor)>;

} // namespace apbfarm::http
