// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/powerloss/run.h"
#include "proofs/proof.h"

#include <cstdint>
#include <filesystem>

namespace apbfarm::proofs::power {

/// The power goes in the course of a backup: what has its name is whole, and after the last step it is there (D14).
/// `folder` is for images.
void checkBackup(const Backup& backup, std::uint64_t seed, const std::filesystem::path& folder, Tally& tally);

}
