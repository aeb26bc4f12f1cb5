// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"

#include <sys/types.h>

#include <vector>

namespace apbfarm::proofs {

/// What a process needs at one moment.
struct Sample {
    double seconds = 0;              ///< since the first
    double builds = 0;               ///< ended by then
    double memory = 0;               ///< MiB resident
    double descriptors = 0, threads = 0;
    double answer = 0;               ///< p99 of honest requests since the last sample, ms
};

Sample sampleOf(pid_t process);

/// Prints the samples, at most thirty of them, and judges those after the first third: memory does not grow, descriptors
/// and threads stay. How long answers take is said and not judged: others use the machine, too.
void judge(const std::vector<Sample>& samples, Tally& tally);

}
