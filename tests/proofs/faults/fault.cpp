// SPDX-License-Identifier: MIT
#include "proofs/faults/fault.h"

#include "util/text.h"

#include <algorithm>
#include <cerrno>
#include <random>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace apbfarm::proofs::failing {

namespace {

/// An error that this kind of call may come back with.
struct Way {
    std::int32_t error;
    bool lasting = false;            ///< may go on until somebody makes room

    std::uint64_t times() const { return lasting ? kUntilHealed : 1; }
};

const std::vector<Way>& waysOf(Call call)
{
    static const std::array<std::vector<Way>, kCalls> ways{{
        {{ENOMEM}},                                                  // memory
        {{ENOMEM}, {ENODEV}},                                        // map
        {{EMFILE}, {EMFILE, true}, {ENFILE, true}, {EIO}},           // open
        {{EIO}},                                                     // read
        {{EIO}, {ENOSPC}, {ENOSPC, true}, {EDQUOT, true}, {kShort}}, // write
        {{EIO}},                                                     // sync
        {{EIO}, {ENOSPC}},                                           // size
        {{EIO}, {ENOSPC, true}},                                     // rename
        {{EIO}, {EACCES, true}},                                     // remove
        {{ENOSPC}, {ENOSPC, true}, {EIO}},                           // folder
        {{EMFILE}, {EMFILE, true}, {ENOBUFS}},                       // socket
        {{ECONNREFUSED}, {ETIMEDOUT}, {ENETUNREACH}, {EADDRNOTAVAIL, true}}, // connect
        {{EMFILE}, {EMFILE, true}, {ENFILE, true}, {ECONNABORTED}, {ENOMEM}}, // accept
        {{ENOMEM}, {ENOSPC}},                                        // watch
        {{EMFILE}},                                                  // event
        {{ECONNRESET}, {ETIMEDOUT}, {ENOMEM}},                       // receive
        {{ECONNRESET}, {EPIPE}, {ENOBUFS}, {kShort}},                // send
        {{EIO}, {ECONNRESET}, {kShort}},                             // sendfile
        {{EAGAIN}, {EAGAIN, true}},                                  // thread
    }};
    return ways[static_cast<std::size_t>(call)];
}

struct ErrorName {
    std::int32_t error;
    std::string_view name;
};
constexpr std::array kErrors{
    ErrorName{kShort, "short"}, ErrorName{ENOMEM, "ENOMEM"}, ErrorName{ENODEV, "ENODEV"}, ErrorName{EMFILE, "EMFILE"},
    ErrorName{ENFILE, "ENFILE"}, ErrorName{EIO, "EIO"}, ErrorName{ENOSPC, "ENOSPC"}, ErrorName{EDQUOT, "EDQUOT"},
    ErrorName{EACCES, "EACCES"}, ErrorName{ENOBUFS, "ENOBUFS"}, ErrorName{ECONNREFUSED, "ECONNREFUSED"},
    ErrorName{ETIMEDOUT, "ETIMEDOUT"}, ErrorName{ENETUNREACH, "ENETUNREACH"}, ErrorName{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    ErrorName{ECONNABORTED, "ECONNABORTED"}, ErrorName{ECONNRESET, "ECONNRESET"}, ErrorName{EPIPE, "EPIPE"},
    ErrorName{EAGAIN, "EAGAIN"}};

template <std::size_t N> std::size_t indexOf(const std::array<std::string_view, N>& names, const std::string& name)
{
    const auto place = std::ranges::find(names, name);
    if (place == names.end())
        throw std::invalid_argument("\"" + name + "\" is no word of a fault");
    return static_cast<std::size_t>(place - names.begin());
}

constexpr std::uint64_t kBurst = 30;

bool comesInBursts(const Fault& fault)
{
    // Poco's own end of a process does not survive two in a row.
    return fault.call == Call::Memory && fault.phase != Phase::Stopping;
}

std::string placeWord(std::uint64_t place)
{
    std::ostringstream word;
    word << '@' << std::hex << place;
    return word.str();
}

Phase phaseOf(std::uint64_t chance)
{
    constexpr std::array kOften{Phase::Serving, Phase::Serving, Phase::Serving, Phase::Serving, Phase::Serving,
                                Phase::FirstStart, Phase::Restart, Phase::Restart, Phase::Restart, Phase::Stopping};
    return kOften[chance % kOften.size()];
}

}

bool Fault::mayEndTheFarm() const
{
    if (phase == Phase::Stopping)
        return true;
    const bool disk = call == Call::Read || call == Call::Write || call == Call::Sync || call == Call::Size ||
                      call == Call::Open || call == Call::Map || call == Call::Remove;
    return disk && error != ENOSPC && error != EDQUOT;
}

Fault faultOf(std::uint64_t seed, const Counts& counts, const Places& places)
{
    std::mt19937_64 random(seed * 1'000'003);
    Fault fault;
    fault.phase = phaseOf(random());
    const auto& made = counts[static_cast<std::size_t>(fault.phase)];
    std::vector<Call> calls;
    for (std::size_t i = 0; i < kCalls; ++i)
        if (made[i] > 0)
            calls.push_back(static_cast<Call>(i));
    fault.call = calls.at(random() % calls.size());
    fault.number = 1 + random() % made[static_cast<std::size_t>(fault.call)];
    const auto& known = places[static_cast<std::size_t>(fault.phase)][static_cast<std::size_t>(fault.call)];
    if (!known.empty() && random() % 2 == 0)
        fault.place = known[random() % known.size()];
    const auto& ways = waysOf(fault.call);
    const auto& way = ways[random() % ways.size()];
    fault.error = way.error;
    constexpr std::array<std::uint64_t, 4> kMemoryTimes{1, 1, 4, kBurst};
    fault.times = comesInBursts(fault) ? kMemoryTimes[random() % kMemoryTimes.size()] : way.times();
    return fault;
}

std::vector<Fault> faultsAt(const Places& places)
{
    std::vector<Fault> faults;
    for (std::size_t phase = 0; phase < kPhases; ++phase)
        for (std::size_t call = 0; call < kCalls; ++call)
            for (const auto place : places[phase][call])
                for (const auto& way : waysOf(static_cast<Call>(call)))
                    faults.push_back({.phase = static_cast<Phase>(phase), .call = static_cast<Call>(call),
                                      .place = place, .error = way.error, .times = way.times()});
    return faults;
}

std::vector<Fault> burstsAt(const Places& places)
{
    auto faults = faultsAt(places);
    std::erase_if(faults, [](const Fault& fault) { return !comesInBursts(fault); });
    for (auto& fault : faults)
        fault.times = kBurst;
    return faults;
}

std::string toWord(const Fault& fault)
{
    const auto error = std::ranges::find(kErrors, fault.error, &ErrorName::error);
    return std::string(kPhaseNames[static_cast<std::size_t>(fault.phase)]) + ":" +
           std::string(kCallNames[static_cast<std::size_t>(fault.call)]) + ":" +
           (fault.place ? placeWord(fault.place) : std::to_string(fault.number)) + ":" +
           std::string(error == kErrors.end() ? "none" : error->name) + ":" +
           (fault.lasts() ? "healed" : std::to_string(fault.times));
}

Fault faultFrom(const std::string& word)
{
    std::vector<std::string> parts{""};
    for (const char c : word)
        c == ':' ? parts.emplace_back() : (parts.back() += c, parts.back());
    if (parts.size() != 5)
        throw std::invalid_argument("a fault looks like serving:write:17:ENOSPC:1, not like \"" + word + "\"");
    const auto error = std::ranges::find(kErrors, parts[3], &ErrorName::name);
    if (error == kErrors.end())
        throw std::invalid_argument("\"" + parts[3] + "\" is no error that this proof knows");
    Fault fault{.phase = static_cast<Phase>(indexOf(kPhaseNames, parts[0])),
                .call = static_cast<Call>(indexOf(kCallNames, parts[1])), .error = error->error,
                .times = parts[4] == "healed" ? kUntilHealed : std::stoull(parts[4])};
    if (parts[2].starts_with('@'))
        fault.place = std::stoull(parts[2].substr(1), nullptr, 16);
    else
        fault.number = std::stoull(parts[2]);
    return fault;
}

}
