// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace apbfarm::test {

/// Puts a file in its place that only its owner may read, all at once as a careful administrator does. Its path.
inline std::string writeSecretFile(const std::filesystem::path& file, const std::string& text)
{
    const auto fresh = file.string() + ".new";
    std::ofstream(fresh) << text;
    std::filesystem::permissions(fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(fresh, file);
    return file.string();
}

} // namespace apbfarm::test
