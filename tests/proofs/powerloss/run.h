// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace apbfarm::proofs::power {

/// A backup, a folder or one file, and what was done where it appeared.
struct Backup {
    std::string place;
    std::string file;                ///< of the recording
};

/// A farm that did everything once while its disk was written down.
struct Recording {
    std::string root;                ///< its state directory
    std::string file;                ///< of the recording
    std::vector<Backup> backups;     ///< made at the end
};

/// Runs the real daemon on a folder in memory: uploads small and large, cancels, logs, packages, accounts, two kills; then
/// a backup as one file and one as a folder.
Recording record(const std::filesystem::path& folder, std::uint64_t seed);

/// What line `number` of the log of that build says.
std::string lineOf(const std::string& build, std::uint64_t number);

}
