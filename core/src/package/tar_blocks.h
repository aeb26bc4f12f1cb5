// SPDX-License-Identifier: MIT
#pragma once

#include "package/gzip_reader.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace apbfarm::package {

/// Hands an unpacked archive to the tar reader and keeps the raw headers of the current entry.
///
/// The library takes entries of unknown kinds for files, ignores bytes behind a NUL in a pax name and does not say how
/// large a pax header was; here the blocks themselves are looked at.
class TarBlocks {
public:
    TarBlocks(GzipReader& unpacked, const TarballLimits& limits) : unpacked_(unpacked), limits_(limits) {}

    /// The next piece for the reader, empty at the end.
    std::string_view next();

    /// Between these two, what `next` gives is kept. `from` is how much the reader has used up.
    void beginHeaders(std::uint64_t from);
    /// `start` is where the headers began. Checks them; refuses kinds of entries that are not allowed.
    void endHeaders(std::uint64_t start);
    /// At the end of the archive: there must be an end mark at `start`, and nothing but zeros up to the very end.
    void checkEnd(std::uint64_t start);

private:
    std::string_view at(std::uint64_t position) const;
    std::string_view block(std::uint64_t position) const;
    void checkSpecial(char kind, std::string_view body) const;

    GzipReader& unpacked_;
    const TarballLimits& limits_;
    std::string_view last_;   ///< what was given last, unless it is in `kept_`
    std::string kept_;
    std::uint64_t keptStart_ = 0;
    std::uint64_t given_ = 0;
    bool keeping_ = false;
};

} // namespace apbfarm::package
