// SPDX-License-Identifier: MIT
#pragma once

#include "support/farm_process.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace apbfarm::test {

struct CommandResult {
    int code;                        ///< negative: the signal that ended it
    std::string output;
};

/// The words of a command of the daemon's program with the configuration of this farm.
inline std::vector<std::string> commandLine(const FarmProcess& farm, const std::vector<std::string>& words)
{
    std::vector<std::string> command{(buildDirectory() / "bin/apb-farm").string(), "--config",
                                     (farm.folder() / "apb.json").string(), "--properties",
                                     (farm.folder() / "farm.properties").string()};
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

/// Runs it to its end. `typed` is what it reads from its standard input.
inline CommandResult runCommand(const FarmProcess& farm, const std::vector<std::string>& words,
                                const std::string& typed = "")
{
    const TempDir folder;
    std::ofstream(folder / "typed") << typed;
    std::vector<std::string> command{"bash", "-c", "exec \"$@\" <'" + (folder / "typed").string() + "'", "bash"};
    for (auto& word : commandLine(farm, words))
        command.push_back(std::move(word));
    ChildProcess program(command, folder / "output");
    const auto code = program.wait(std::chrono::minutes(2));
    return {code.value_or(-1000), program.output()};
}

inline bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// Changes one byte of a file in place, whatever its mode and whoever else has a name for it.
inline void flipByte(const std::filesystem::path& file, std::uintmax_t at)
{
    const auto text = readFile(file);
    BOOST_TEST_REQUIRE(at < text.size(), file);
    auto changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto mode = std::filesystem::status(file).permissions();
    std::filesystem::remove(file);
    std::ofstream(file, std::ios::binary) << changed;
    std::filesystem::permissions(file, mode);
}

/// Every regular file below a folder, with slashes, sorted.
inline std::vector<std::string> filesBelow(const std::filesystem::path& folder)
{
    std::vector<std::string> names;
    std::error_code absent;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, absent))
        if (entry.is_regular_file())
            names.push_back(std::filesystem::relative(entry.path(), folder).string());
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace apbfarm::test
