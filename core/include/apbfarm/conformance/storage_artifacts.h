// SPDX-License-Identifier: MIT
#pragma once

/// Part of storage_conformance.h: kept files as a whole, repositories, the newest builds of a package.
namespace apbfarm::conformance {

inline Artifact sampleArtifact(int build, const std::string& filename, char digest, std::int64_t size, double storedAt)
{
    return {buildId(build), filename, size, std::string(64, digest), "application/zstd", at(storedAt)};
}

/// A build in that state with these files.
inline void addWithFiles(Storage& storage, int number, BuildState state, std::vector<Artifact> artifacts)
{
    auto change = step(submitOne(storage, sampleBuild(number)), state);
    change.artifacts = std::move(artifacts);
    taken(storage, change);
}

inline void keptFilesAreCountedOnceForEachContent(const Open& open)
{
    const auto storage = open();
    APB_FARM_CONFORM(storage->artifacts().totals().files == 0 && !storage->artifacts().totals().oldest);
    addWithFiles(*storage, 1, BuildState::Completed, {sampleArtifact(1, "a", 'a', 100, 10), sampleArtifact(1, "b", 'b', 7, 30)});
    addWithFiles(*storage, 2, BuildState::Completed, {sampleArtifact(2, "a", 'a', 100, 20)});
    const auto totals = storage->artifacts().totals();
    APB_FARM_CONFORM(totals.files == 3 && totals.bytes == 107 && totals.oldest == at(10));
    APB_FARM_CONFORM(storage->artifacts().countStoredBefore(at(20)) == 1);
    APB_FARM_CONFORM(storage->artifacts().countStoredBefore(at(21)) == 2);
}

inline void theOldestFilesComeFirstAndGo(const Open& open)
{
    const auto storage = open();
    auto& index = storage->artifacts();
    addWithFiles(*storage, 1, BuildState::Completed, {sampleArtifact(1, "a", 'a', 100, 30), sampleArtifact(1, "b", 'b', 7, 10)});
    addWithFiles(*storage, 2, BuildState::Failed, {sampleArtifact(2, "a", 'a', 100, 20)});
    const auto oldest = index.oldest(at(30), 5);
    APB_FARM_CONFORM(oldest.size() == 2 && oldest[0].filename == "b" && oldest[1].build == buildId(2));
    APB_FARM_CONFORM(index.oldest(at(40), 1).size() == 1);
    APB_FARM_CONFORM(index.remove(oldest) == 2 && index.remove(oldest) == 0);
    APB_FARM_CONFORM(index.inUse({std::string(64, 'a'), std::string(64, 'b')}) ==
                     std::vector<std::string>{std::string(64, 'a')});
    APB_FARM_CONFORM(storage->builds().artifacts(buildId(1)).size() == 1);
}

inline void filesOfALiveBuildAreNeverRemoved(const Open& open)
{
    const auto storage = open();
    for (const auto state : {BuildState::Building, BuildState::LostContact, BuildState::Cancelling}) {
        const int number = static_cast<int>(state);
        const auto file = sampleArtifact(number, "a", 'a', 1, 10);
        addWithFiles(*storage, number, state, {file});
        APB_FARM_CONFORM(storage->artifacts().remove({file}) == 0);
        APB_FARM_CONFORM(storage->builds().findArtifact(buildId(number), "a"));
    }
}

inline void repositoriesAreKeptUnderUniqueNames(const Open& open)
{
    std::int64_t id = 0;
    {
        const auto storage = open();
        const auto admin = storage->users().create(sampleUser("root"), "hash");
        auto& repositories = storage->repositories();
        CustomRepository first{0, "extra", "https://repo.example.org/x", "ABCD1234", "more", true, at(5), admin.id};
        id = repositories.create(first).id;
        APB_FARM_CONFORM(throws<Conflict>([&] { repositories.create(first); }));
        first.name = "another";
        first.description = "";
        const auto other = repositories.create(first);
        auto renamed = other;
        renamed.name = "extra";
        APB_FARM_CONFORM(throws<Conflict>([&] { repositories.update(renamed); }));
        renamed.name = "third";
        renamed.active = false;
        repositories.update(renamed);
        renamed.id = 999;
        renamed.name = "fourth";
        APB_FARM_CONFORM(throws<NotFound>([&] { repositories.update(renamed); }));
    }
    const auto storage = open();
    const auto list = storage->repositories().list();
    APB_FARM_CONFORM(list.size() == 2 && list[0].name == "extra" && list[1].name == "third");
    const auto& kept = list[0];
    APB_FARM_CONFORM(kept.id == id && kept.url == "https://repo.example.org/x" && kept.gpgKeyId == "ABCD1234");
    APB_FARM_CONFORM(kept.description == "more" && kept.active && kept.createdAt == at(5) && !list[1].active);
    APB_FARM_CONFORM(storage->repositories().remove(id) && !storage->repositories().remove(id));
    APB_FARM_CONFORM(!storage->repositories().find(id) && storage->repositories().find(list[1].id));
}

inline void theNewestBuildOfEachArchitectureIsFound(const Open& open)
{
    const auto storage = open();
    const auto add = [&](int number, const std::string& pkgname, const std::string& architecture, BuildState state) {
        auto build = sampleBuild(number);
        build.pkgname = pkgname;
        build.architecture = architecture;
        taken(*storage, step(submitOne(*storage, build), state));
    };
    add(1, "zlib", "x86_64", BuildState::Completed);
    add(2, "zlib", "x86_64", BuildState::Completed);
    add(3, "zlib", "x86_64", BuildState::Failed);
    add(4, "zlib", "aarch64", BuildState::Completed);
    add(5, "zlib", "riscv64", BuildState::Building);
    add(6, "other", "x86_64", BuildState::Completed);
    auto& builds = storage->builds();
    APB_FARM_CONFORM(idsOf(builds.latestByArchitecture("zlib", false)) ==
                     (std::vector{buildId(4), buildId(5), buildId(3)}));
    APB_FARM_CONFORM(idsOf(builds.latestByArchitecture("zlib", true)) == (std::vector{buildId(4), buildId(2)}));
    APB_FARM_CONFORM(builds.latestByArchitecture("unknown", false).empty());
    APB_FARM_CONFORM(builds.latestByArchitecture("", true).empty());
}

} // namespace apbfarm::conformance
