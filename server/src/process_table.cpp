// SPDX-License-Identifier: MIT
#include "process_table.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace apbfarm::server {

namespace {

/// 0 when it is gone.
pid_t parentOf(const std::filesystem::path& process)
{
    std::ifstream file(process / "stat");
    std::string text;
    std::getline(file, text, '\0');
    const auto name = text.rfind(')');   // the name may hold blanks and brackets itself
    char state = 0;
    int parent = 0;
    if (name == std::string::npos || std::sscanf(text.c_str() + name + 1, " %c %d", &state, &parent) != 2)
        return 0;
    return parent;
}

} // namespace

std::multimap<pid_t, pid_t> childrenOfAll()
{
    std::multimap<pid_t, pid_t> children;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const pid_t pid = std::atoi(entry->path().filename().c_str());
        if (const pid_t parent = pid > 1 ? parentOf(entry->path()) : 0; parent > 0)
            children.emplace(parent, pid);
    }
    return children;
}

} // namespace apbfarm::server
