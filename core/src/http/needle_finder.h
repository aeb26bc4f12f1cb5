// SPDX-License-Identifier: MIT
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>

namespace apbfarm::http {

/// Finds a needle that is seldom there several times as fast as memmem, the longer the needle the faster: an occurrence
/// covers every place of a certain distance to the next one, so that two bytes at each of these places are enough to
/// know that there is none.
class NeedleFinder {
public:
    static constexpr unsigned kSlotBits = 12;   ///< half a KiB for each body under way

    /// At least two bytes.
    explicit NeedleFinder(std::string needle);

    const std::string& needle() const { return needle_; }
    /// Where the first one begins, or std::string_view::npos.
    std::size_t in(std::string_view bytes) const;

private:
    std::string needle_;
    std::bitset<1 << kSlotBits> pairs_;   ///< of neighbouring bytes of the needle
};

} // namespace apbfarm::http
