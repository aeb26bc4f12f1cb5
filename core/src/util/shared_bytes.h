// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>

namespace apbfarm::util {

/// Bytes and what keeps them in memory.
struct SharedBytes {
    std::string_view bytes;
    std::shared_ptr<const void> owner;
};

} // namespace apbfarm::util
