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

/// A file that a page quotes: a line with its name in backquotes, then a block with all of it.
struct QuotedFile {
    std::string name, content;
};

inline std::vector<QuotedFile> quotedFilesOf(const std::filesystem::path& page)
{
    std::istringstream lines(readFile(page));
    std::vector<QuotedFile> files;
    std::string name;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        const bool isName = line.size() > 2 && line.front() == '`' && line.find('`', 1) == line.size() - 1;
        if (line.starts_with("```")) {
            inside = !inside && !name.empty();
            if (inside)
                files.push_back({name, ""});
            name.clear();
        } else if (inside) {
            files.back().content += line + "\n";
        } else if (!line.empty()) {
            name = isName ? line.substr(1, line.size() - 2) : "";
        }
    }
    return files;
}

} // namespace apbfarm::test
