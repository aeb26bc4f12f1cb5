// SPDX-License-Identifier: MIT
#pragma once

#include "package/source_tarball.h"

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace apbfarm::package {

/// What a file of exactly one gzip member (RFC 1952) holds, a piece at a time.
///
/// The empty piece at the end comes only after checksum and length were right and nothing but zeros followed. Throws
/// `InvalidInput` as `inspectTarball` does; std::bad_alloc when memory lacks.
class GzipReader final : public ByteSource {
public:
    GzipReader(ByteSource& packed, const TarballLimits& limits);
    ~GzipReader();
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;

    std::string_view read() override;

private:
    enum class State { Start, Inside, Trailer, End };

    bool fetch();
    unsigned char byte();
    std::uint32_t number();
    void skip(std::size_t count);
    void skipText();
    void skipHeader();
    void step();
    std::string_view inflated();
    void checkRatio() const;
    void checkTrailer();
    void checkRest();

    ByteSource& packed_;
    const TarballLimits& limits_;
    std::unique_ptr<char[]> unpacked_;
    z_stream stream_{};
    State state_ = State::Start;
    std::string_view piece_;          // packed bytes that were not looked at yet
    std::uint64_t fetched_ = 0;       // bytes, with those of the piece
    std::uint64_t out_ = 0;
    std::uint32_t checksum_ = 0;
};

} // namespace apbfarm::package
