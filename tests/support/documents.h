// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace apbfarm::test {

/// What stands between the fences of a page's blocks in that language, in order.
inline std::vector<std::string> blocksOf(const std::filesystem::path& page, const std::string& language)
{
    std::istringstream lines(readFile(page));
    std::vector<std::string> blocks;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) {
            inside = line == "```" + language;
            if (inside)
                blocks.emplace_back();
        } else if (inside) {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

} // namespace apbfarm::test
