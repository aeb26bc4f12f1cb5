// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/proof.h"
#include "support/fake_build_server.h"
#include "support/farm_process.h"

#include <netinet/in.h>

#include <chrono>
#include <string>

namespace apbfarm::proofs {

struct Audience {
    test::FarmProcess& farm;
    test::FakeBuildServer& server;
    std::size_t viewers;
    std::chrono::milliseconds time;
    sockaddr_in address;
    Tally& tally;
};

/// All of them watch one log while it grows: nobody misses a line or sees one twice (D8), and the server is asked by one
/// reader, however many watch. Returns what was done, for people.
std::string watchLog(const Audience& audience);

}
