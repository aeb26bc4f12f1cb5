// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"
#include "util/guarded.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace Poco {
class Logger;
}

namespace apbfarm::plugin {

/// What the exception being handled says, on one line; Poco's with their class and message.
std::string describeCurrentException();

/// How one extension has behaved so far, for metrics and the admin panel.
struct GuardReport {
    std::string extension;           ///< "scheduler leastload"
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t slow = 0;          ///< calls above the time it should take
    std::chrono::microseconds longest{0};
    std::string lastFailure;         ///< method and text; empty when it never failed
    Timestamp lastFailureAt{};
};

/// Stands between the farm and one extension: no exception passes unless it is named, every call is timed.
///
/// Thread-safe; holds no lock while the extension runs. A failing extension writes at most one line in ten seconds,
/// which counts what was left out; so does a slow one.
class PluginGuard {
public:
    PluginGuard(std::string extension, Poco::Logger& logger, const util::Clock& clock,
                std::chrono::microseconds slowAfter);

    /// What `f` returns, or `fallback` when it throws something other than one of `Passing`.
    template <class... Passing, class R, class F> R call(const char* method, R fallback, F&& f)
    {
        const auto begin = clock_.steady();
        try {
            R result = std::forward<F>(f)();
            finished(method, begin);
            return result;
        } catch (...) {
            const bool passes = (isCurrent<Passing>() || ...);
            if (!passes)
                reportFailure(method, describeCurrentException());
            finished(method, begin);
            if (passes)
                throw;
        }
        return fallback;
    }

    /// For a call that returned and still was wrong: an answer that is none.
    void reportFailure(const char* method, const std::string& what);

    GuardReport report() const;
    const std::string& extension() const { return extension_; }

private:
    struct LineGate {
        util::Instant lastLine{};
        std::uint64_t unsaid = 0;
    };
    struct Remembered {
        std::string lastFailure;
        Timestamp lastFailureAt{};
        LineGate failures;
        LineGate slowness;
    };

    template <class E> static bool isCurrent()
    {
        try {
            throw;
        } catch (const E&) {
            return true;
        } catch (...) {
            return false;
        }
    }
    void finished(const char* method, util::Instant begin);
    void say(bool isFailure, const std::string& line);

    std::string extension_;
    Poco::Logger& logger_;
    const util::Clock& clock_;
    std::chrono::microseconds slowAfter_;
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<std::uint64_t> slow_{0};
    std::atomic<std::int64_t> longest_{0};
    util::Guarded<Remembered> remembered_;
};

} // namespace apbfarm::plugin
