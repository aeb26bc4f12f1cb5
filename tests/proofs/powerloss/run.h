// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace apbfarm::proofs::power {

/// A farm that did everything once while its disk was written down.
struct Recording {
    std::string root;                ///< its state directory
    std::string file;                ///< of the recording
};

/// Runs the real daemon on a folder in memory: uploads small and large, cancels, logs, packages, accounts, two kills.
Recording record(const std::filesystem::path& folder, std::uint64_t seed);

/// What line `number` of the log of that build says.
std::string lineOf(const std::string& build, std::uint64_t number);

}
