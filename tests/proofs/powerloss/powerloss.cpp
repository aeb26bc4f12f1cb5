// SPDX-License-Identifier: MIT
#include "proofs/powerloss/powerloss.h"

#include "proofs/memory_dir.h"
#include "proofs/powerloss/backup.h"
#include "proofs/powerloss/look.h"
#include "proofs/powerloss/medium.h"
#include "proofs/powerloss/run.h"
#include "support/farm_process.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <thread>

namespace apbfarm::proofs {

namespace {

using namespace power;

constexpr std::uint64_t kQuick = 2'000, kFull = 300'000;
constexpr std::uint64_t kDaemonEvery = 400;   // images: so many go to the real daemon as well
constexpr int kFailures = 10;

/// One image: follows from the seed and its number.
struct Cut {
    std::uint64_t number = 0;
    std::size_t records = 0;         ///< of the recording, before the power goes
    Loss loss = Loss::Nothing;
};

struct Work {
    const std::vector<Record>& records;
    const Recording& recording;
    std::uint64_t seed = 0;
    std::filesystem::path folder;
    Tally& tally;
    std::chrono::steady_clock::time_point end;
    std::atomic<int> failures{0};
    std::atomic<std::uint64_t> done{0}, started{0};
    std::array<std::atomic<std::uint64_t>, 4> kinds{};
};

std::mt19937_64 chanceOf(std::uint64_t seed, std::uint64_t number)
{
    return std::mt19937_64(seed * 1'000'003 + number);
}

Cut cutOf(std::uint64_t seed, std::uint64_t number, std::size_t records)
{
    auto random = chanceOf(seed, number);
    constexpr std::array kLosses{Loss::Nothing, Loss::All, Loss::Some, Loss::Some, Loss::Some, Loss::Late};
    const auto loss = kLosses[random() % kLosses.size()];
    return {number, 1 + random() % records, loss};
}

/// The real daemon starts on what is left, and people find in it what they know.
std::string startOn(const std::filesystem::path& image, const Told& told)
{
    const test::FarmProcess::Servers nobody{{"x86_64", "http://127.0.0.1:9"}, {"aarch64", "http://127.0.0.1:9"}};
    test::FarmProcess farm(nobody);
    std::filesystem::copy(image, farm.stateDirectory(), std::filesystem::copy_options::recursive);
    try {
        farm.start();
        for (const auto& [id, _] : told.accepted)
            if (farm.guest().get("/build/" + id + "/status-api").status != 200)
                return "D3: the daemon does not know build " + id;
        return farm.stop() == 0 ? "" : "the daemon does not end cleanly";
    } catch (const std::exception& error) {
        return std::string("the daemon does not start: ") + error.what() + "\n" + farm.log();
    }
}

void tryOne(Work& work, const Medium& medium, const Told& told, const Cut& cut)
{
    auto random = chanceOf(work.seed + 1, cut.number);
    const auto image = work.folder / std::to_string(cut.number);
    std::filesystem::create_directory(image);
    medium.leave(image, cut.loss, random);
    std::string wrong;
    if (cut.number % kDaemonEvery == kDaemonEvery / 2) {
        ++work.started;
        wrong = startOn(image, told);
    }
    if (wrong.empty())
        wrong = look(image, told);
    std::filesystem::remove_all(image);
    ++work.done;
    ++work.kinds[static_cast<std::size_t>(cut.loss)];
    if (wrong.empty())
        return work.tally.passed();
    ++work.failures;
    work.tally.failed("seed " + std::to_string(work.seed) + ", image " + std::to_string(cut.number) + " (power gone after record " +
                      std::to_string(cut.records) + " of " + std::to_string(work.records.size()) + ", loss " +
                      std::to_string(static_cast<int>(cut.loss)) + "): " + wrong);
}

/// The cuts in the order of the recording, so that it is played once.
void tryMany(Work& work, const std::vector<Cut>& cuts)
{
    Medium medium(work.recording.root);
    Told told;
    std::size_t played = 0;
    for (const auto& cut : cuts) {
        if (work.failures >= kFailures || std::chrono::steady_clock::now() > work.end)
            return;
        for (; played < cut.records; ++played) {
            medium.play(work.records[played]);
            told.hear(work.records[played]);
        }
        tryOne(work, medium, told, cut);
    }
}

}

void powerloss(const Options& options, Tally& tally)
{
    const MemoryDir folder;
    const auto seed = options.seed.value_or(1);
    const auto recording = record(folder.path(), seed);
    const auto records = readRecording(recording.file);
    const auto told = std::ranges::count(records, Kind::Told, &Record::kind);
    const auto syncs = std::ranges::count_if(records, [](const Record& record) {
        return record.kind == Kind::Synced || record.kind == Kind::FolderSynced || record.kind == Kind::AllSynced;
    });
    tally.say("seed " + std::to_string(seed) + "; recorded " + std::to_string(records.size()) + " steps of the real daemon, " +
              std::to_string(syncs) + " of them syncs; " + std::to_string(told) + " things told");
    const auto begin = std::chrono::steady_clock::now();
    Work work{records, recording, seed, folder.path(), tally,
              begin + options.time.value_or(std::chrono::hours(1000)), {}, {}, {}, {}};
    // Opening a database is waiting for its threads more than work.
    const auto threads = 4 * std::max(1u, std::thread::hardware_concurrency());
    const auto count = options.time && !options.count ? 1'000'000 : options.size(kQuick, kFull);
    std::vector<std::vector<Cut>> shares(threads);
    for (std::uint64_t number = 0; number < count; ++number)
        shares[number % threads].push_back(cutOf(seed, number, records.size()));
    std::vector<std::jthread> workers;
    for (auto& share : shares) {
        std::ranges::sort(share, {}, &Cut::records);
        workers.emplace_back([&] { tryMany(work, share); });
    }
    workers.clear();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    tally.say(std::to_string(work.done) + " images: " + std::to_string(work.kinds[0]) + " with every write, " +
              std::to_string(work.kinds[1]) + " with synced ones only, " + std::to_string(work.kinds[2]) +
              " with some of the others, " + std::to_string(work.kinds[3]) + " with the younger ones; " +
              std::to_string(work.started) + " opened by the real daemon as well; " +
              std::to_string(static_cast<long>(static_cast<double>(work.done) / taken.count())) + " images/s");
    for (const auto& backup : recording.backups)
        checkBackup(backup, seed, folder.path(), tally);
}

}
