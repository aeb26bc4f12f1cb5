// SPDX-License-Identifier: MIT
#pragma once

#include "util/secrets.h"

#include <array>
#include <cstddef>
#include <memory>

namespace apbfarm::util {

/// SHA-256 of several pieces side by side in the wide registers of the processor. For one thread at a time.
class Sha256Lanes {
public:
    static constexpr std::size_t kCount = 16;   ///< as many 32-bit words fit into 512 bits
    using Sums = std::array<Sha256Sum, kCount>;

    /// Takes about 200 KiB and a tenth of a millisecond. Empty where the farm was built without a library for this
    /// (x86_64 has one), or where that finds no memory.
    static std::unique_ptr<Sha256Lanes> make();
    ~Sha256Lanes();

    /// The sums of `kCount` pieces that follow each other from `first` on, each of `size` bytes. False when the library
    /// did not make all of them; none may be used then.
    bool sum(const char* first, std::size_t size, Sums& sums);

private:
    struct State;
    explicit Sha256Lanes(std::unique_ptr<State> state);

    const std::unique_ptr<State> state_;
};

} // namespace apbfarm::util
