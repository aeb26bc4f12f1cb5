// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/guarded.h"

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace apbfarm::service {

struct ThrottleOptions {
    int freeFailures = 5;                          ///< so many in a row cost nothing
    std::chrono::milliseconds firstDelay{2000};    ///< doubles with every further failure
    std::chrono::milliseconds longestDelay{15 * 60 * 1000};
    std::chrono::milliseconds forgetAfter{60 * 60 * 1000}; ///< without a further failure
    std::size_t maxEntries = 20000;                ///< of either kind; the least recent failure goes first
};

/// Makes guessing passwords slow: per account and address, and per address whatever the account (U5).
///
/// An account is never locked as such: whoever comes from elsewhere, or holds a token, does not notice.
/// IPv6 addresses count by their /64. Thread-safe, memory only; see `replay` for what survives a restart.
class LoginThrottle {
public:
    explicit LoginThrottle(const util::Clock& clock, ThrottleOptions options = {});

    /// Before a password is looked at. Throws `TooMany` with the time to wait. Past the free failures it also takes
    /// the one try that is due, so that many at once are not many tries.
    void admit(std::string_view account, std::string_view address);
    /// True when this failure is the first after which tries are delayed.
    bool failed(std::string_view account, std::string_view address);
    /// Forgives what this account failed from this address, and no other's failures.
    void succeeded(std::string_view account, std::string_view address);

    /// A failure of earlier, from the audit trail after a restart. Oldest first, mixed with `succeeded`.
    void replay(std::string_view account, std::string_view address, std::chrono::microseconds ago);

    std::size_t size() const;

private:
    struct Entry {
        int failures = 0;
        util::Instant until{};
        util::Instant last{};
    };

    /// Entries by key, the most recent failure first.
    class Table {
    public:
        Entry* find(const std::string& key);
        Entry& touch(const std::string& key, std::size_t max);
        void erase(const std::string& key);
        void forgetBefore(util::Instant limit);
        std::size_t size() const { return index_.size(); }

    private:
        using List = std::list<std::pair<std::string, Entry>>;
        List list_;
        std::unordered_map<std::string, List::iterator> index_;
    };

    struct State {
        Table pairs, addresses;
    };

    std::chrono::milliseconds delayAfter(int failures) const;
    bool count(State& state, std::string_view account, std::string_view address, util::Instant at);

    const util::Clock& clock_;
    const ThrottleOptions options_;
    util::Guarded<State> state_;
};

/// The part of an address that throttling counts by: IPv4 as it is, also when wrapped in IPv6; IPv6 by /64.
std::string throttleKey(std::string_view address);

} // namespace apbfarm::service
