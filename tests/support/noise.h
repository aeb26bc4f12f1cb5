// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace apbfarm::test {

/// Bytes that no compression makes smaller.
template <class Random> std::string noise(std::size_t size, Random& random)
{
    std::string bytes(size, '\0');
    for (auto& byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

/// The same each time.
inline std::string noise(std::size_t size)
{
    std::mt19937 random(1);
    return noise(size, random);
}

} // namespace apbfarm::test
