// SPDX-License-Identifier: MIT
#include "proofs/powerloss/archive.h"

#include "proofs/powerloss/medium.h"
#include "proofs/powerloss/records.h"
#include "support/child_process.h"

namespace apbfarm::proofs::power {

void checkArchive(const Archive& archive, std::uint64_t seed, const std::filesystem::path& folder, Tally& tally)
{
    const std::filesystem::path place = archive.place;
    const auto whole = test::readFile(place);
    const auto records = readRecording(archive.file);
    Medium medium(place.parent_path().string());
    std::mt19937_64 random(seed);
    const auto image = folder / "archive";
    for (std::size_t i = 0; i < records.size(); ++i) {
        medium.play(records[i]);
        for (const auto loss : {Loss::Nothing, Loss::All, Loss::Some, Loss::Late}) {
            std::filesystem::create_directory(image);
            medium.leave(image, loss, random);
            const auto left = image / place.filename();
            const bool there = std::filesystem::exists(left);
            const bool good = there ? test::readFile(left) == whole : i + 1 < records.size();
            std::filesystem::remove_all(image);
            if (good) {
                tally.passed();
                continue;
            }
            return tally.failed("D14: after step " + std::to_string(i + 1) + " of " + std::to_string(records.size()) +
                                " of a backup, loss " + std::to_string(static_cast<int>(loss)) + ", the archive is " +
                                (there ? "not whole" : "gone"));
        }
    }
    tally.expect(!records.empty(), "D14: nothing of a backup was recorded");
    tally.say("a backup as one file of " + std::to_string(whole.size()) + " bytes, cut after each of " +
              std::to_string(records.size()) + " steps");
}

}
