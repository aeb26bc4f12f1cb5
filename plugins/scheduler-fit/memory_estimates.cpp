// SPDX-License-Identifier: MIT
#include "memory_estimates.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <cmath>

namespace fit {

namespace {

constexpr double kLeast = 4096;                       // bytes; outside of this nobody measured anything
constexpr double kMost = 64.0 * (1ull << 40);
constexpr double kDescent = 0.1;                      // of the way down with each build that needed less
constexpr int kDepth = 32;

std::optional<double> bytesIn(const Poco::JSON::Object& document, const char* name)
{
    const auto value = document.get(name);
    if (value.isEmpty() || !value.isNumeric() || value.isBoolean())
        return std::nullopt;
    const auto bytes = value.convert<double>();
    return bytes >= kLeast && bytes <= kMost ? std::optional(bytes) : std::nullopt;
}

} // namespace

ReportedMemory readMemory(const std::string& statusDocument)
try {
    Poco::JSON::Parser parser;
    parser.setDepth(kDepth);
    const auto document = parser.parse(statusDocument).extract<Poco::JSON::Object::Ptr>();
    ReportedMemory memory{bytesIn(*document, "peak_memory"), bytesIn(*document, "server_memory")};
    if (memory.peak && memory.server)
        memory.peak = std::min(*memory.peak, *memory.server);
    return memory;
} catch (const std::exception&) {
    return {};
}

void MemoryEstimates::learn(const Package& package, double bytes, bool completed, double now)
{
    const double sample = std::log(bytes);
    auto& learned = packages_[package];
    if (learned.samples == 0 || sample > learned.value)
        learned.value = sample;
    else if (completed)
        learned.value += kDescent * (sample - learned.value);
    ++learned.samples;
    learned.updatedAt = now;
}

void MemoryEstimates::learnServer(const std::string& server, double bytes, double now)
{
    auto& learned = servers_[server];
    learned = {std::log(bytes), learned.samples + 1, now};
}

std::optional<double> MemoryEstimates::expected(const Package& package) const
{
    const auto learned = packages_.find(package);
    return learned == packages_.end() ? std::nullopt : std::optional(std::exp(learned->second.value));
}

std::optional<double> MemoryEstimates::ofServer(const std::string& server, double now) const
{
    const auto learned = servers_.find(server);
    if (learned == servers_.end() || now - learned->second.updatedAt > forgetAfter_)
        return std::nullopt;
    return std::exp(learned->second.value);
}

} // namespace fit
