// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace apbfarm::proofs::power {

/// A backup that became one file, and what was done to the folder that it appeared in.
struct Archive {
    std::string place;
    std::string file;                ///< of the recording
};

/// A farm that did everything once while its disk was written down.
struct Recording {
    std::string root;                ///< its state directory
    std::string file;                ///< of the recording
    Archive backup;                  ///< made at the end
};

/// Runs the real daemon on a folder in memory: uploads small and large, cancels, logs, packages, accounts, two kills; then
/// a backup.
Recording record(const std::filesystem::path& folder, std::uint64_t seed);

/// What line `number` of the log of that build says.
std::string lineOf(const std::string& build, std::uint64_t number);

}
