// SPDX-License-Identifier: MIT
#pragma once

#include "util/secrets.h"
#include "util/sha256_lanes.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace apbfarm::util {

/// The top hash of a hash list: SHA-256 of the SHA-256 sums of all pieces of 4 KiB, the last of which may be shorter.
/// Pieces can be hashed side by side, which is more than twice as fast as SHA-256 of the whole; two contents that share
/// it would be two that share SHA-256. The same in a shell:
///
///     split -b 4096 --filter='openssl dgst -sha256 -binary' FILE | sha256sum
///
/// Throws what `Sha256` throws.
class Sha256List {
public:
    static constexpr std::size_t kPiece = 4096;   // bytes

    void update(std::string_view bytes);
    /// Lower-case hex; the object is used up.
    std::string hex();

private:
    /// Many pieces at once. Returns how many bytes that were: none when there are too few, or no lanes.
    std::size_t updateAbreast(std::string_view bytes);
    void updatePiece(std::string_view bytes);
    void endPiece();

    Sha256 top_, piece_;
    std::size_t inPiece_ = 0;              ///< bytes
    std::uint64_t size_ = 0;               ///< bytes, of all
    std::unique_ptr<Sha256Lanes> lanes_;
    bool askedForLanes_ = false;
};

std::string sha256ListHex(std::string_view bytes);

} // namespace apbfarm::util
