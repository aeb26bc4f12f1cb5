// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace apbfarm::server {

enum class Task { Serve, Help, Version };
enum class BuilderKind { Auto, Chroot, Sandbox, Plain };

/// What the command line decides.
struct Settings {
    Task task = Task::Serve;
    std::string host = "localhost";
    std::uint16_t port = 8000;             ///< 0: any free one, told in `portFile`
    std::filesystem::path portFile;        ///< empty: none
    std::filesystem::path secretFile;      ///< empty: whoever reaches the server may use it
    std::string architecture;              ///< empty: of this machine
    int maxConcurrent = 3;
    std::filesystem::path buildsDir = "builds";
    std::chrono::seconds buildTimeout{7200};
    std::chrono::seconds minBuildTimeout{300};
    std::chrono::seconds maxBuildTimeout{14400};
    std::chrono::seconds outputTimeout{1800};
    std::uint64_t maxFileSize = 100ull << 20;
    std::uint64_t maxRequestSize = 500ull << 20;
    std::uint64_t maxLogSize = 1ull << 30;
    BuilderKind builder = BuilderKind::Auto;
    bool allowNetwork = false;
    std::string user;                      ///< empty: see `findBuildAccount`
    std::string packager = "Unknown Packager";
    std::filesystem::path buildroot;       ///< chroot: its folder; sandbox: a root file system used instead of this one
    std::string buildrootCommand;          ///< makes the buildroot anew; empty: what the builder knows
    int buildrootAutorecreate = 0;         ///< before every n-th build; 0: never
    std::string logLevel = "information";
    std::chrono::hours keepBuilds{7 * 24};
};

} // namespace apbfarm::server
