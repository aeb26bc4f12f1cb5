// SPDX-License-Identifier: MIT
#include "proofs/secrets/secrets.h"

#include "proofs/http/sender.h"
#include "support/fake_build_server.h"
#include "support/farm_users.h"
#include "support/route_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace apbfarm::proofs {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kQuick = 200, kFull = 2'000;
constexpr double kQuickApart = 0.10, kFullApart = 0.02;   // of the median
constexpr double kRank = 4;                               // standard deviations
constexpr std::array<const char*, 3> kNames{"alice", "nobody", "retired"};
constexpr std::array<const char*, 3> kKinds{"a known account", "an unknown one", "a deactivated one"};

using Times = std::vector<double>;   // ms

double median(Times times)
{
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::ranges::nth_element(times, middle);
    return *middle;
}

/// How far two samples are from being drawn from one: Mann-Whitney, in standard deviations.
double rankDifference(const Times& a, const Times& b)
{
    std::vector<std::pair<double, bool>> all;
    for (const double time : a)
        all.emplace_back(time, true);
    for (const double time : b)
        all.emplace_back(time, false);
    std::ranges::sort(all);
    double ranks = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
        ranks += all[i].second ? static_cast<double>(i + 1) : 0;
    const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
    return (ranks - n * (n + 1) / 2 - n * m / 2) / std::sqrt(n * m * (n + m + 1) / 12);
}

std::string rounded(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

/// From an address of its own, so that no throttle has a say.
double oneTry(const test::FarmProcess& farm, const std::string& name, std::uint32_t number, std::string& body)
{
    const auto json = "{\"username\":\"" + name + "\",\"password\":\"not this one\"}";
    const Sending request{(127u << 24) | (1u << 20) | number,
                          farm.guest().requestHead("POST", "/auth/login", {{"Content-Type", "application/json"}})
                              + "Connection: close\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" + json};
    const auto begin = Clock::now();
    const auto answer = sendAll(farm.port(), {request}, std::chrono::seconds(20)).front();
    const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
    const auto text = answer.find("\r\n\r\n");
    body = answer.substr(0, 12) + " " + (text == answer.npos ? "" : answer.substr(text + 4));
    return taken.count();
}

/// What differs between any two answers.
std::string withoutTimes(const std::string& body)
{
    auto text = body;
    for (const auto* name : {"\"timestamp\":", "\"request_id\":"})
        if (const auto at = text.find(name); at != text.npos)
            text.erase(at, std::min(text.find_first_of(",}", at), text.size()) - at);
    return text;
}

void prepare(test::FarmProcess& farm)
{
    farm.start();
    farm.admin();
    farm.stop();
    for (const auto* name : {"alice", "retired"})
        test::addUser(farm, name);
    farm.start();
    for (const auto* name : {"alice", "retired"})
        farm.tokenOf(name, "admin123");   // its hash takes its present form
    const auto admin = farm.admin();
    if (admin.request("DELETE", "/auth/users/" + test::accountId(admin, "retired"), "").status != 200)
        throw std::runtime_error("an account is not deactivated");
}

}

void compareLogins(const Options& options, Tally& tally)
{
    const test::FakeBuildServer server("x86_64", 0);
    test::FarmProcess farm({{"x86_64", server.url()}});
    prepare(farm);
    const auto tries = options.size(kQuick, kFull);
    const auto seed = options.seed.value_or(1);
    std::mt19937_64 random(seed);
    std::array<Times, 3> times;
    std::set<std::string> bodies;
    std::array<std::size_t, 3> order{0, 1, 2};
    for (std::uint32_t i = 0; i < tries; ++i) {
        std::ranges::shuffle(order, random);
        for (const auto kind : order) {
            std::string body;
            times[kind].push_back(oneTry(farm, kNames[kind], i * 3 + static_cast<std::uint32_t>(kind) + 1, body));
            bodies.insert(withoutTimes(body));
        }
    }
    tally.expect(bodies.size() == 1 && bodies.begin()->starts_with("HTTP/1.1 401"), "answers differ: " + *bodies.begin());
    const auto most = options.quick ? kQuickApart : kFullApart;
    tally.say("seed " + std::to_string(seed) + ", " + std::to_string(tries) + " tries each; medians may differ by "
              + rounded(most * 100) + " %, ranks by " + rounded(kRank) + " standard deviations");
    for (std::size_t kind = 0; kind < times.size(); ++kind) {
        const auto apart = std::abs(median(times[kind]) / median(times[0]) - 1);
        const auto rank = kind == 0 ? 0 : rankDifference(times[0], times[kind]);
        const auto figures = std::string(kKinds[kind]) + ": median " + rounded(median(times[kind])) + " ms, "
            + rounded(apart * 100) + " % apart, ranks " + rounded(rank);
        tally.say("  " + figures);
        tally.expect(apart <= most && std::abs(rank) < kRank, figures + ": it shows what kind of account it is (U4)");
    }
}

}
