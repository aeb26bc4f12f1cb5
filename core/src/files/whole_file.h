// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <filesystem>
#include <functional>
#include <string_view>

namespace apbfarm::files {

/// Not through a link. Throws `Unavailable` when it cannot be opened.
util::UniqueFd openToRead(const std::filesystem::path& file);

/// Gives the content from the beginning to the end, whatever was read of it before. False, with errno, when it cannot be
/// read.
bool readWhole(int descriptor, const std::function<void(std::string_view)>& take);

} // namespace apbfarm::files
