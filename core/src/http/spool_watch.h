// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace apbfarm::http {

/// Told how many bytes of a file are on disk and whether these are all; destroyed before the file is closed.
using SpoolProgress = std::function<void(std::uint64_t size, bool whole)>;

/// Asked about each file of a form that goes to disk, by the name of its part; may answer an empty function. Both are
/// called on the event loop and must not block.
using SpoolWatch = std::function<SpoolProgress(const std::string& part, int descriptor)>;

} // namespace apbfarm::http
