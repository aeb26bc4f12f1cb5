// SPDX-License-Identifier: MIT
#include "proofs/powerloss/backup.h"

#include "proofs/powerloss/medium.h"
#include "proofs/powerloss/records.h"
#include "support/child_process.h"

namespace apbfarm::proofs::power {

namespace {

namespace fs = std::filesystem;

/// Each file of the backup, or the one that it is, by its name in there.
std::map<std::string, std::string> contentOf(const fs::path& place)
{
    if (fs::is_regular_file(place))
        return {{"", test::readFile(place)}};
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(place))
        if (entry.is_regular_file())
            files[fs::relative(entry.path(), place).string()] = test::readFile(entry.path());
    return files;
}

}

void checkBackup(const Backup& backup, std::uint64_t seed, const fs::path& folder, Tally& tally)
{
    const fs::path place = backup.place;
    const auto whole = contentOf(place);
    const auto records = readRecording(backup.file);
    Medium medium(place.parent_path().string());
    std::mt19937_64 random(seed);
    const auto image = folder / "backup";
    for (std::size_t step = 1; step <= records.size(); ++step) {
        medium.play(records[step - 1]);
        for (const auto loss : {Loss::Nothing, Loss::All, Loss::Some, Loss::Late}) {
            fs::create_directory(image);
            medium.leave(image, loss, random);
            const auto left = image / place.filename();
            const bool there = fs::exists(left);
            const bool good = there ? contentOf(left) == whole : step < records.size();
            fs::remove_all(image);
            if (good) {
                tally.passed();
                continue;
            }
            return tally.failed("D14: after step " + std::to_string(step) + " of " + std::to_string(records.size()) +
                                " of the backup " + place.filename().string() + ", loss " +
                                std::to_string(static_cast<int>(loss)) + ", it is " + (there ? "not whole" : "gone"));
        }
    }
    tally.expect(!records.empty(), "D14: nothing of a backup was recorded");
    tally.say("the backup " + place.filename().string() + ", files: " + std::to_string(whole.size()) +
              ", cut after each of " + std::to_string(records.size()) + " steps");
}

}
