// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace apbfarm::proofs {

/// A stream and the address of this machine's loopback that it comes from, so that logs tell streams apart.
struct Sending {
    std::uint32_t source = 0;   ///< IPv4, host byte order
    std::string bytes;
};

/// "127.1.2.3"
std::string addressText(std::uint32_t source);

/// Sends each on a connection of its own, some at the same time, and reads until the other side has closed or has been
/// silent for that long, and again once it was told that nothing more comes. \return what came back, in the order of `list`
std::vector<std::string> sendAll(std::uint16_t port, const std::vector<Sending>& list,
                                 std::chrono::milliseconds silence = std::chrono::milliseconds(120));

}
