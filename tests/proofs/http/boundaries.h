// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/http/proxies.h"
#include "proofs/http/streams.h"
#include "proofs/proof.h"
#include "support/farm_process.h"

#include <array>

namespace apbfarm::proofs {

/// Sends the same streams to a farm on three ways and compares what each has seen.
class Boundaries {
public:
    /// The farm logs every request as JSON and trusts proxies on this machine.
    Boundaries(test::FarmProcess& farm, const std::vector<KeptRequest>& kept, Tally& tally);

    void run(std::uint64_t first, std::uint64_t count, std::chrono::steady_clock::time_point end);

private:
    static constexpr std::size_t kWays = 3;   // straight, and the proxies

    struct Logs {
        Seen farm;
        std::array<Seen, 2> proxies;
    };

    void batch(std::uint64_t first, std::uint64_t count);
    Logs readLogs();
    void check(std::uint64_t number, const Logs& logs);
    void checkNameless(std::uint64_t first, const Logs& logs);
    std::uint16_t portOf(std::size_t way) const;

    test::FarmProcess& farm_;
    Tally& tally_;
    Streams streams_;
    std::array<Proxy, 2> proxies_;
    LogReader log_;
    std::uint64_t sent_ = 0, seenStraight_ = 0, seenThroughProxies_ = 0, refused_ = 0;
};

}
