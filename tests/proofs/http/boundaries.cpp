// SPDX-License-Identifier: MIT
#include "proofs/http/boundaries.h"

#include "proofs/http/sender.h"
#include "util/text.h"

#include <algorithm>
#include <set>
#include <span>

namespace apbfarm::proofs {

namespace {

constexpr std::uint64_t kAtOnce = 500;

std::string sourceOf(std::size_t way, std::uint64_t number, std::uint32_t& source)
{
    const auto second = static_cast<std::uint32_t>(1 + way * 80 + (number >> 16) % 80);
    source = (127u << 24) | (second << 16) | static_cast<std::uint32_t>(number & 0xffff);
    return addressText(source);
}

/// Statuses that the farm and the proxies give to what they do not take for a request.
bool isRefusal(int status)
{
    static const std::set<int> refusals{0, 400, 408, 411, 413, 414, 417, 431, 499, 501, 502, 503, 504, 505};
    return refusals.contains(status);
}

const std::vector<SeenRequest>& of(const Seen& seen, const std::string& client)
{
    static const std::vector<SeenRequest> none;
    const auto found = seen.find(client);
    return found == seen.end() ? none : found->second;
}

/// The targets up to the last one that was taken for a request.
std::vector<std::string> understood(const std::vector<SeenRequest>& seen)
{
    auto end = seen.size();
    while (end > 0 && isRefusal(seen[end - 1].status))
        --end;
    std::vector<std::string> targets;
    for (std::size_t i = 0; i < end; ++i)
        targets.push_back(seen[i].target);
    return targets;
}

bool oneBeginsWithTheOther(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
}

/// Every request of the farm is one that the proxy took, in the same order; what the proxy passed on to its end is there.
bool isWhatWasForwarded(std::span<const SeenRequest> farm, std::span<const SeenRequest> proxy)
{
    if (proxy.empty())
        return farm.empty();
    const auto& taken = proxy.front();
    const bool same = !farm.empty() && (farm.front().target == taken.target || farm.front().target.empty());
    if (same && isWhatWasForwarded(farm.subspan(1), proxy.subspan(1)))
        return true;
    return isRefusal(taken.status) && isWhatWasForwarded(farm, proxy.subspan(1));
}

std::string shown(const std::vector<SeenRequest>& list)
{
    std::string text;
    for (const auto& [target, status] : list)
        text += "[" + target + " " + std::to_string(status) + "]";
    return text.empty() ? "nothing" : text;
}

}

Boundaries::Boundaries(test::FarmProcess& farm, const std::vector<KeptRequest>& kept, Tally& tally)
    : farm_(farm), tally_(tally), streams_(kept),
      proxies_{Proxy(Proxy::Kind::Nginx, farm.port()), Proxy(Proxy::Kind::Haproxy, farm.port())},
      log_(farm.folder() / "farm.log")
{
    log_.lines();
}

std::uint16_t Boundaries::portOf(std::size_t way) const
{
    return way == 0 ? farm_.port() : proxies_[way - 1].port();
}

void Boundaries::run(std::uint64_t first, std::uint64_t count, std::chrono::steady_clock::time_point end)
{
    for (std::uint64_t done = 0; done < count && std::chrono::steady_clock::now() < end; done += kAtOnce)
        batch(first + done, std::min(kAtOnce, count - done));
    tally_.say(std::to_string(sent_) + " streams on three ways, from number " + std::to_string(first) + ": "
               + std::to_string(seenStraight_) + " requests understood straight, " + std::to_string(seenThroughProxies_)
               + " through nginx and HAProxy, " + std::to_string(refused_) + " refused by the farm behind a proxy");
    for (auto& proxy : proxies_)
        tally_.expect(proxy.isRunning(), std::string(proxy.name()) + " has ended");
}

void Boundaries::batch(std::uint64_t first, std::uint64_t count)
{
    for (std::size_t way = 0; way < kWays; ++way) {
        std::vector<Sending> list(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            sourceOf(way, first + i, list[i].source);
            list[i].bytes = streams_.make(first + i);
        }
        sendAll(portOf(way), list);
    }
    const auto logs = readLogs();
    for (auto number = first; number < first + count; ++number)
        check(number, logs);
    checkNameless(first, logs);
    sent_ += count;
}

/// Until nobody writes any more.
Boundaries::Logs Boundaries::readLogs()
{
    Logs logs;
    const auto readOn = [&] {
        const auto lines = log_.lines();
        for (const auto& line : lines)
            readFarmLine(line, logs.farm);
        bool more = !lines.empty();
        for (std::size_t i = 0; i < proxies_.size(); ++i)
            for (auto& [client, list] : proxies_[i].seen()) {
                auto& all = logs.proxies[i][client];
                all.insert(all.end(), list.begin(), list.end());
                more = true;
            }
        return more;
    };
    while (readOn())
        ::poll(nullptr, 0, 150);
    return logs;
}

void Boundaries::check(std::uint64_t number, const Logs& logs)
{
    std::uint32_t source = 0;
    const auto straight = of(logs.farm, sourceOf(0, number, source));
    seenStraight_ += understood(straight).size();
    for (std::size_t i = 0; i < proxies_.size(); ++i) {
        const auto client = sourceOf(i + 1, number, source);
        const auto& farm = of(logs.farm, client);
        const auto& proxy = of(logs.proxies[i], client);
        seenThroughProxies_ += understood(farm).size();
        const auto name = "stream " + std::to_string(number) + " (--seed " + std::to_string(number) + " --count 1) through "
            + proxies_[i].name();
        bool good = tally_.expect(isWhatWasForwarded(farm, proxy), name + ": it took " + shown(proxy) + ", the farm saw " + shown(farm));
        good = tally_.expect(oneBeginsWithTheOther(understood(straight), understood(proxy)),
                             name + " is cut otherwise than straight: " + shown(proxy) + " and " + shown(straight)) && good;
        if (!good)
            tally_.say("  the stream: " + util::oneLine(streams_.make(number), 1500));
    }
}

/// Proxies name their client in every request. One without can only be a piece of another one that was taken for a
/// request; the farm refuses some heads before it knows of a client.
void Boundaries::checkNameless(std::uint64_t first, const Logs& logs)
{
    for (const auto& request : of(logs.farm, "127.0.0.1")) {
        ++refused_;
        tally_.expect(isRefusal(request.status), "within the streams from " + std::to_string(first)
                      + " on the farm saw a request that no proxy sent: " + shown({request}));
    }
}

}
