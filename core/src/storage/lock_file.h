// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <filesystem>

namespace apbfarm::storage {

/// Says that this process owns the state beside it (D12). Given back by the destructor and by the end of the process.
class LockFile {
public:
    /// Throws `Unavailable` naming the file when another process, or another object here, holds it.
    explicit LockFile(const std::filesystem::path& path);

private:
    util::UniqueFd file_;
};

} // namespace apbfarm::storage
