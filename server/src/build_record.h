// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::server {

struct PackageFile {
    std::string filename;
    std::uint64_t size = 0;          ///< bytes
};

/// What is known about one build; the form in which it survives a restart.
struct BuildRecord {
    BuildId id;
    std::string pkgname;             ///< pkgbase, else the first pkgname
    BuildStatus status = BuildStatus::Queued;
    Timestamp createdAt{};
    std::vector<std::string> architectures;   ///< arch=() of the PKGBUILD
    std::chrono::seconds timeout{7200};
    std::chrono::seconds outputTimeout{1800};
    std::string extraRepos = "[]";   ///< JSON array as submitted
    std::optional<Timestamp> startedAt;
    std::optional<Timestamp> endedAt;
    std::optional<int> exitCode;     ///< negative: the signal
    std::vector<PackageFile> packages; ///< empty until completed
    std::optional<std::uint64_t> peakMemory;   ///< bytes, see `MemoryMeter`; empty until it has ended
    std::optional<std::uint64_t> serverMemory; ///< bytes that this machine had when it began

    bool isFinal() const
    {
        return status == BuildStatus::Completed || status == BuildStatus::Failed || status == BuildStatus::Cancelled;
    }
};

/// The folder of one build and what is in it.
struct BuildFolder {
    std::filesystem::path path;

    std::filesystem::path record() const { return path / "record.json"; }
    std::filesystem::path log() const { return path / "build.log"; }
    std::filesystem::path sources() const { return path / "files"; }      ///< as submitted, never touched by a build
    std::filesystem::path packages() const { return path / "packages"; }
    std::filesystem::path scratch() const { return path / "work"; }       ///< of the build account, while it runs
};

/// Replaces the record on disk; durable when it returns. Throws as `util::DurableFile` does.
void save(const BuildRecord& record, const BuildFolder& folder);

/// Empty when there is none or it cannot be read.
std::optional<BuildRecord> load(const BuildFolder& folder);

} // namespace apbfarm::server
