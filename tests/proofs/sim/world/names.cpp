// SPDX-License-Identifier: MIT
#include "proofs/sim/simulation.h"

#include "life/build_life.h"

namespace simulation {

static_assert(std::variant_size_v<apbfarm::life::Event> == kEvents);

void Coverage::add(const Coverage& other)
{
    for (std::size_t state = 0; state < kStates; ++state) {
        for (std::size_t event = 0; event < kEvents; ++event)
            events[state][event] += other.events[state][event];
        for (std::size_t to = 0; to < kStates; ++to)
            steps[state][to] += other.steps[state][to];
    }
    crashes += other.crashes;
    handOvers += other.handOvers;
    cancels += other.cancels;
    builds += other.builds;
    switches += other.switches;
}

const char* stateName(std::size_t state)
{
    return apbfarm::toText(static_cast<apbfarm::BuildState>(state)).data();
}

const char* eventName(std::size_t event)
{
    constexpr std::array<const char*, kEvents> kNames{
        "Placed", "HandOverAccepted", "HandOverNotTaken", "HandOverTooLarge", "HandOverRejected", "HandOverUnclear",
        "Reported", "NotKnownThere", "NoAnswer", "FilesSecured", "WaitedTooLong", "CancelRequested", "CancelAnswered",
        "Restarted", "Released"};
    return kNames[event];
}

}
