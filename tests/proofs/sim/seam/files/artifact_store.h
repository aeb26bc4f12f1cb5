// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace apbfarm::sim {
class Disk;
}

namespace apbfarm::files {

struct StoredFile {
    std::string sha256;
    std::uint64_t size = 0;
};

/// Stands for the farm's own, on the simulated disk.
class ArtifactWriter {
public:
    explicit ArtifactWriter(sim::Disk& disk) : disk_(disk) {}
    void append(std::string_view bytes) { bytes_ += bytes; }
    StoredFile finish(std::uint64_t expectedSize);

private:
    sim::Disk& disk_;
    std::string bytes_;
};

class ArtifactStore {
public:
    explicit ArtifactStore(sim::Disk& disk) : disk_(disk) {}
    ArtifactWriter begin() { return ArtifactWriter(disk_); }

private:
    sim::Disk& disk_;
};

std::string contentTypeOf(const std::string& filename);

} // namespace apbfarm::files
