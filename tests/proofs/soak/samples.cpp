// SPDX-License-Identifier: MIT
#include "proofs/soak/samples.h"

#include "support/child_process.h"

#include <algorithm>
#include <iomanip>
#include <iterator>
#include <numeric>
#include <sstream>

namespace apbfarm::proofs {

namespace {

constexpr double kMemoryNoise = 6;       // MiB: caches that fill, pages that the allocator keeps
constexpr double kMemoryPerHour = 1;     // MiB
constexpr double kMoreDescriptors = 32;  // connections that happen to be open
constexpr double kMoreThreads = 4;

using Member = double Sample::*;

double middle(const std::vector<Sample>& samples, std::size_t from, std::size_t to, Member member)
{
    std::vector<double> values;
    for (auto i = from; i < to; ++i)
        values.push_back(samples[i].*member);
    std::ranges::sort(values);
    return values.at(values.size() / 2);
}

/// Least squares: MiB per hour over the samples from there on.
double slope(const std::vector<Sample>& samples, std::size_t from)
{
    const auto count = static_cast<double>(samples.size() - from);
    double x = 0, y = 0, xx = 0, xy = 0;
    for (auto i = from; i < samples.size(); ++i) {
        x += samples[i].seconds;
        y += samples[i].memory;
        xx += samples[i].seconds * samples[i].seconds;
        xy += samples[i].seconds * samples[i].memory;
    }
    const auto spread = count * xx - x * x;
    return spread > 0 ? (count * xy - x * y) / spread * 3600 : 0;
}

std::string digits(double value)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << value;
    return text.str();
}

void print(const std::vector<Sample>& samples, Tally& tally)
{
    const auto step = std::max<std::size_t>(1, samples.size() / 30);
    for (std::size_t i = 0; i < samples.size(); i += step) {
        const auto& s = samples[i];
        tally.say(digits(s.seconds) + " s, " + digits(s.builds) + " builds: " + digits(s.memory) + " MiB, " +
                  digits(s.descriptors) + " descriptors, " + digits(s.threads) + " threads, p99 " + digits(s.answer) + " ms");
    }
}

}

Sample sampleOf(pid_t process)
{
    const auto folder = "/proc/" + std::to_string(process);
    std::istringstream status(test::readFile(folder + "/status"));
    Sample sample;
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            status >> sample.memory;
            sample.memory /= 1024;
        } else if (word == "Threads:") {
            status >> sample.threads;
        }
    }
    std::error_code gone;
    const std::filesystem::directory_iterator descriptors(folder + "/fd", gone);
    sample.descriptors = static_cast<double>(std::distance(begin(descriptors), end(descriptors)));
    return sample;
}

void judge(const std::vector<Sample>& samples, Tally& tally)
{
    print(samples, tally);
    if (samples.size() < 9)
        return tally.failed("there are too few samples to judge: " + std::to_string(samples.size()));
    const auto first = samples.size() / 3, second = samples.size() * 2 / 3;
    const auto growth = [&](Member member) {
        return middle(samples, second, samples.size(), member) - middle(samples, first, second, member);
    };
    const auto hours = (samples.back().seconds - samples[first].seconds) / 3600;
    tally.say("after the first third: memory " + digits(slope(samples, first)) + " MiB/h, from " +
              digits(middle(samples, first, second, &Sample::memory)) + " to " +
              digits(middle(samples, second, samples.size(), &Sample::memory)) + " MiB; descriptors " +
              digits(growth(&Sample::descriptors)) + ", threads " + digits(growth(&Sample::threads)) + " more; p99 " +
              digits(growth(&Sample::answer)) + " ms longer");
    tally.expect(growth(&Sample::memory) <= kMemoryNoise + kMemoryPerHour * hours, "memory grows");
    tally.expect(growth(&Sample::descriptors) <= kMoreDescriptors, "descriptors grow");
    tally.expect(growth(&Sample::threads) <= kMoreThreads, "threads grow");
}

}
