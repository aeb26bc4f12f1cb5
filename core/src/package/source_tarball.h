// SPDX-License-Identifier: MIT
#pragma once

#include "package/byte_source.h"

#include "util/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::package {

/// How much an upload may ask for (threat-model X4).
struct TarballLimits {
    std::uint64_t entries = 10'000;
    std::uint64_t unpackedBytes = 2ull << 30;
    std::uint64_t ratio = 200;                  ///< unpacked to packed, once `ratioFrom` bytes are out
    std::uint64_t ratioFrom = 1 << 20;          ///< bytes
    std::size_t nameLength = 4096;              ///< bytes
    std::size_t componentLength = 255;          ///< bytes
    std::size_t depth = 32;
    std::size_t paxHeader = 64 << 10;           ///< bytes
    std::size_t metadataFile = 1 << 20;         ///< bytes of PKGBUILD and of .SRCINFO
    std::chrono::milliseconds time{5000};       ///< of work; waiting for the source does not count
};

struct TarballContents {
    std::string pkgbuild;
    std::optional<std::string> srcinfo;
    std::uint64_t entries = 0;
    std::uint64_t unpackedBytes = 0;
};

/// Takes what an archive holds, in its order. Names have passed every check and are relative to the top.
class TarballReceiver {
public:
    virtual ~TarballReceiver() = default;

    virtual void beginFile(const std::string& name) = 0;
    /// Of the file that was begun last.
    virtual void bytes(std::string_view piece) = 0;
    virtual void link(const std::string& name) = 0;
};

/// Looks through a .tar.gz without unpacking anything (X3 to X6). Constant memory, at most 16 MiB.
///
/// Throws `InvalidInput`: "missing_pkgbuild" when there is no PKGBUILD at the top, "invalid_tarball" with "Could not
/// extract tarball: ..." for everything else; `TooLarge` for a PKGBUILD above its limit. What the source throws passes
/// through.
TarballContents inspectTarball(ByteSource& source, const TarballLimits& limits = {},
                               const util::Clock& clock = util::SystemClock());

/// The same checks; what is inside goes to the receiver as it comes. Memory stays as small. What the receiver throws
/// passes through.
void unpackTarball(ByteSource& source, TarballReceiver& receiver, const TarballLimits& limits = {},
                   const util::Clock& clock = util::SystemClock());

} // namespace apbfarm::package
