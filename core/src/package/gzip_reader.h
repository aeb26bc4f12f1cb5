// SPDX-License-Identifier: MIT
#pragma once

#include "package/archive_handle.h"
#include "package/source_tarball.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace apbfarm::package {

/// What a file of exactly one gzip member holds, a piece at a time.
///
/// The empty piece at the end comes only after checksum and length were right and nothing but zeros followed; the
/// library itself checks neither. Throws `InvalidInput` as `inspectTarball` does.
class GzipReader final : public ByteSource {
public:
    GzipReader(ByteSource& packed, const TarballLimits& limits);

    std::string_view read() override;

private:
    enum class State { Start, Inside, End };

    static la_ssize_t give(archive*, void* self, const void** bytes);
    std::string_view nextPacked();
    void start();
    std::string_view inflated();
    void checkRatio() const;
    void finish();
    void checkTrailer() const;
    void checkRest();
    std::uint64_t consumed() const;
    std::string packedBefore(std::uint64_t end, std::size_t count) const;

    ByteSource& packed_;
    const TarballLimits& limits_;
    ArchiveReader reader_;
    CaughtException caught_;
    State state_ = State::Start;
    bool haveFirst_ = false;
    std::string_view piece_;          // the packed piece that was given last
    std::uint64_t pieceStart_ = 0;
    std::string head_;                // the first piece when it had to be put together
    std::string before_;              // some bytes before that piece
    std::uint64_t out_ = 0;
    std::uint32_t checksum_ = 0;
};

} // namespace apbfarm::package
