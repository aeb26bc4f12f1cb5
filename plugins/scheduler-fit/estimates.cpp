// SPDX-License-Identifier: MIT
#include "estimates.h"

#include <algorithm>
#include <cmath>

namespace fit {

namespace {

constexpr double kShortest = 0.1;            // seconds; less is as good as nothing
constexpr double kPackageRate = 0.25;        // what a sample counts for at least, so that changes are followed
constexpr double kServerRate = 0.1;
constexpr double kArchitectureRate = 0.02;
constexpr int kTrusted = 3;                  // from so many samples on, a single one is not believed far
const double kFarthest = std::log(2);

void improve(Learned& learned, double sample, double leastRate, double now)
{
    double step = sample - learned.value;
    if (learned.samples >= kTrusted)
        step = std::clamp(step, -kFarthest, kFarthest);
    learned.value += std::max(1.0 / (learned.samples + 1), leastRate) * step;
    ++learned.samples;
    learned.updatedAt = now;
}

} // namespace

bool Estimates::isKnown(const Learned& server, double now) const
{
    return server.samples > 0 && now - server.updatedAt <= forgetAfter_;
}

void Estimates::learn(const Package& package, const std::string& name, double seconds, double now)
{
    const double sample = std::log(std::max(seconds, kShortest));
    auto& base = packages_[package];
    // A server is compared on packages that are known already; otherwise the package would explain all.
    if (base.samples > 0)
        improve(servers_[name], sample - base.value, kServerRate, now);
    const auto server = servers_.find(name);
    const double onAverageServer = sample - (server == servers_.end() ? 0 : server->second.value);
    improve(base, onAverageServer, kPackageRate, now);
    improve(architectures_[package.second], onAverageServer, kArchitectureRate, now);
}

double Estimates::slownessOf(const std::string& name, double now, bool& known) const
{
    const auto server = servers_.find(name);
    known = server != servers_.end() && isKnown(server->second, now);
    if (known)
        return server->second.value;
    // Hope makes it be tried, and then it is known.
    double fastest = 0;
    for (const auto& [other, learned] : servers_)
        if (isKnown(learned, now))
            fastest = std::min(fastest, learned.value);
    return fastest;
}

std::optional<Expectation> Estimates::expected(const Package& package, const std::string& server, double now) const
{
    Expectation expectation;
    const auto base = packages_.find(package);
    const auto average = architectures_.find(package.second);
    expectation.packageKnown = base != packages_.end();
    if (!expectation.packageKnown && average == architectures_.end())
        return std::nullopt;
    const double slowness = slownessOf(server, now, expectation.serverKnown);
    expectation.seconds = std::exp((expectation.packageKnown ? base->second.value : average->second.value) + slowness);
    return expectation;
}

void Estimates::restorePackage(const Package& package, const Learned& learned)
{
    packages_[package] = learned;
    improve(architectures_[package.second], learned.value, kArchitectureRate, learned.updatedAt);
}

} // namespace fit
