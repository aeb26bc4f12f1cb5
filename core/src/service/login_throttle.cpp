// SPDX-License-Identifier: MIT
#include "service/login_throttle.h"

#include "util/ip_address.h"
#include "util/secrets.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <algorithm>

namespace apbfarm::service {

namespace {

/// Of one size, whatever somebody typed as a name.
std::string pairKey(std::string_view account, std::string_view address)
{
    return util::sha256Hex(throttleKey(address) + "\n" + util::toLower(account));
}

} // namespace

std::string throttleKey(std::string_view address)
{
    if (const auto v4 = util::parseV4(address))
        return "4:" + util::toHex({reinterpret_cast<const char*>(v4->data()), v4->size()});
    if (const auto v6 = util::parseV6(address))
        return "6:" + util::toHex({reinterpret_cast<const char*>(v6->data()), v6->size() / 2});
    return "?:" + util::sha256Hex(address);
}

LoginThrottle::LoginThrottle(const util::Clock& clock, ThrottleOptions options) : clock_(clock), options_(options) {}

void LoginThrottle::admit(std::string_view account, std::string_view address)
{
    const auto now = clock_.steady();
    const auto wait = state_.with([&](State& state) -> util::Instant::duration {
        state.pairs.forgetBefore(now - options_.forgetAfter);
        state.addresses.forgetBefore(now - options_.forgetAfter);
        Entry* const entries[] = {state.pairs.find(pairKey(account, address)),
                                  state.addresses.find(throttleKey(address))};
        util::Instant until = now;
        for (const auto* entry : entries)
            if (entry)
                until = std::max(until, entry->until);
        if (until > now)
            return until - now;
        for (auto* entry : entries)
            if (entry && entry->failures >= options_.freeFailures)
                entry->until = now + delayAfter(entry->failures);
        return {};
    });
    if (wait <= wait.zero())
        return;
    const auto seconds = std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
    throw TooMany("Too many failed log-ins; try again in " + std::to_string(seconds.count()) + " seconds", seconds,
                  "login_throttled");
}

bool LoginThrottle::failed(std::string_view account, std::string_view address)
{
    return state_.with([&](State& state) { return count(state, account, address, clock_.steady()); });
}

void LoginThrottle::replay(std::string_view account, std::string_view address, std::chrono::microseconds ago)
{
    if (ago < options_.forgetAfter)
        state_.with([&](State& state) {
            count(state, account, address, clock_.steady() - std::max(ago, std::chrono::microseconds(0)));
        });
}

void LoginThrottle::succeeded(std::string_view account, std::string_view address)
{
    state_.with([&](State& state) {
        const auto pair = pairKey(account, address);
        const auto* own = state.pairs.find(pair);
        auto* all = state.addresses.find(throttleKey(address));
        if (all) {
            // Otherwise one account of one's own would make guessing at all others free.
            all->failures -= own ? own->failures : 0;
            if (all->failures < options_.freeFailures)
                all->until = {};
            if (all->failures <= 0)
                state.addresses.erase(throttleKey(address));
        }
        state.pairs.erase(pair);
    });
}

std::size_t LoginThrottle::size() const
{
    return state_.with([](const State& state) { return state.pairs.size() + state.addresses.size(); });
}

std::chrono::milliseconds LoginThrottle::delayAfter(int failures) const
{
    constexpr int kMostDoublings = 20;
    const auto doublings = std::clamp(failures - options_.freeFailures, 0, kMostDoublings);
    return std::min(options_.firstDelay * (1 << doublings), options_.longestDelay);
}

bool LoginThrottle::count(State& state, std::string_view account, std::string_view address, util::Instant at)
{
    bool first = false;
    for (auto* entry : {&state.pairs.touch(pairKey(account, address), options_.maxEntries),
                        &state.addresses.touch(throttleKey(address), options_.maxEntries)}) {
        entry->last = at;
        if (++entry->failures >= options_.freeFailures)
            entry->until = at + delayAfter(entry->failures);
        first = first || entry->failures == options_.freeFailures;
    }
    return first;
}

LoginThrottle::Entry* LoginThrottle::Table::find(const std::string& key)
{
    const auto place = index_.find(key);
    return place == index_.end() ? nullptr : &place->second->second;
}

LoginThrottle::Entry& LoginThrottle::Table::touch(const std::string& key, std::size_t max)
{
    if (const auto place = index_.find(key); place != index_.end()) {
        list_.splice(list_.begin(), list_, place->second);
    } else {
        if (index_.size() >= max)
            erase(std::string(list_.back().first));
        list_.emplace_front(key, Entry{});
        index_[key] = list_.begin();
    }
    return list_.front().second;
}

void LoginThrottle::Table::erase(const std::string& key)
{
    if (const auto place = index_.find(key); place != index_.end()) {
        list_.erase(place->second);
        index_.erase(place);
    }
}

void LoginThrottle::Table::forgetBefore(util::Instant limit)
{
    while (!list_.empty() && list_.back().second.last < limit)
        erase(std::string(list_.back().first));
}

} // namespace apbfarm::service
