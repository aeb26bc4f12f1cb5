// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/powerloss/run.h"
#include "proofs/proof.h"

#include <cstdint>
#include <filesystem>

namespace apbfarm::proofs::power {

/// The power goes after each step of a backup that becomes one file: what has its name is whole, and after the last step
/// it is there (D14). `folder` is for images.
void checkArchive(const Archive& archive, std::uint64_t seed, const std::filesystem::path& folder, Tally& tally);

}
