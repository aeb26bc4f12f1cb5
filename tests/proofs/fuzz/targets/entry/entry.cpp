// SPDX-License-Identifier: MIT
#include "../property.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    apbfarm::fuzz::tryInput({reinterpret_cast<const char*>(data), size});
    return 0;
}
