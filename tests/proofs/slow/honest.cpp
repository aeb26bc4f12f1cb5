// SPDX-License-Identifier: MIT
#include "proofs/slow/honest.h"

#include "support/http_client.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>

namespace apbfarm::proofs {

using namespace std::chrono_literals;

namespace {

constexpr int kPause = 10;   // ms between two requests
constexpr std::array<const char*, 4> kPages{"/health", "/farm", "/builds/latest", "/dashboard"};

std::string digits(double value)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << value;
    return text.str();
}

}

double Times::at(double share) const
{
    return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

std::string Times::text() const
{
    return std::to_string(sorted.size()) + " honest requests, " + std::to_string(failures) + " failed, median " +
           digits(at(0.5)) + " ms, p99 " + digits(at(0.99)) + " ms, worst " + digits(at(1)) + " ms";
}

Honest::Honest(std::uint16_t port) : thread_([this, port] { work(port); })
{
}

Honest::~Honest()
{
    stopping_ = true;
    thread_.join();
}

Times Honest::times()
{
    const std::lock_guard lock(mutex_);
    auto times = std::exchange(times_, {});
    std::ranges::sort(times.sorted);
    return times;
}

void Honest::work(std::uint16_t port)
{
    const test::HttpClient client(port, 10s);
    for (std::size_t i = 0; !stopping_; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        bool good = false;
        try {
            good = client.get(kPages[i % kPages.size()]).status == 200;
        } catch (const std::exception&) {
            // Counted below.
        }
        const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
        {
            const std::lock_guard lock(mutex_);
            times_.sorted.push_back(taken.count());
            times_.failures += good ? 0 : 1;
        }
        ::poll(nullptr, 0, kPause);
    }
}

}
