// SPDX-License-Identifier: MIT
#pragma once

#include "util/shared_bytes.h"

#include <functional>
#include <string>

namespace apbfarm::http {

/// Told what was appended to a file, once it is written, and whether that was all; destroyed before the file is closed.
/// Whoever is told may keep the owner of the bytes, for a while and not of many.
using SpoolProgress = std::function<void(const util::SharedBytes& appended, bool whole)>;

/// Asked about each file of a form that goes to disk, by the name of its part; may answer an empty function. Both are
/// called on the event loop and must not block.
using SpoolWatch = std::function<SpoolProgress(const std::string& part, int descriptor)>;

} // namespace apbfarm::http
