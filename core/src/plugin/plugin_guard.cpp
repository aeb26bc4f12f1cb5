// SPDX-License-Identifier: MIT
#include "plugin/plugin_guard.h"

#include "util/text.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <optional>

namespace apbfarm::plugin {

namespace {
constexpr std::chrono::seconds kQuietTime{10};
}

std::string describeCurrentException()
{
    try {
        throw;
    } catch (const Poco::Exception& error) {
        return util::oneLine(error.displayText(), 500);
    } catch (const std::exception& error) {
        return util::oneLine(error.what(), 500);
    } catch (...) {
        return "an exception of an unknown type";
    }
}

PluginGuard::PluginGuard(std::string extension, Poco::Logger& logger, const util::Clock& clock,
                         std::chrono::microseconds slowAfter)
    : extension_(std::move(extension)), logger_(logger), clock_(clock), slowAfter_(slowAfter)
{
}

void PluginGuard::reportFailure(const char* method, const std::string& what)
{
    failures_.fetch_add(1, std::memory_order_relaxed);
    const std::string text = std::string(method) + ": " + what;
    remembered_.with([&](Remembered& remembered) {
        remembered.lastFailure = text;
        remembered.lastFailureAt = clock_.wall();
    });
    say(true, extension_ + " failed in " + text);
}

void PluginGuard::finished(const char* method, util::Instant begin)
{
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady() - begin);
    calls_.fetch_add(1, std::memory_order_relaxed);
    auto longest = longest_.load(std::memory_order_relaxed);
    while (took.count() > longest && !longest_.compare_exchange_weak(longest, took.count()))
        continue;
    if (took <= slowAfter_)
        return;
    slow_.fetch_add(1, std::memory_order_relaxed);
    say(false, extension_ + " took " + std::to_string(took.count() / 1000) + " ms in " + method + ", more than " +
                   std::to_string(slowAfter_.count() / 1000) + " ms");
}

void PluginGuard::say(bool isFailure, const std::string& line)
{
    const auto unsaid = remembered_.with([&](Remembered& remembered) -> std::optional<std::uint64_t> {
        auto& gate = isFailure ? remembered.failures : remembered.slowness;
        const auto now = clock_.steady();
        if (gate.lastLine != util::Instant{} && now - gate.lastLine < kQuietTime) {
            ++gate.unsaid;
            return std::nullopt;
        }
        gate.lastLine = now;
        return std::exchange(gate.unsaid, 0);
    });
    if (!unsaid)
        return;
    const auto text = *unsaid == 0 ? line : line + " (and " + std::to_string(*unsaid) + " lines like it left out)";
    isFailure ? logger_.error(text) : logger_.warning(text);
}

GuardReport PluginGuard::report() const
{
    GuardReport report;
    report.extension = extension_;
    report.calls = calls_.load(std::memory_order_relaxed);
    report.failures = failures_.load(std::memory_order_relaxed);
    report.slow = slow_.load(std::memory_order_relaxed);
    report.longest = std::chrono::microseconds(longest_.load(std::memory_order_relaxed));
    remembered_.with([&](const Remembered& remembered) {
        report.lastFailure = remembered.lastFailure;
        report.lastFailureAt = remembered.lastFailureAt;
    });
    return report;
}

} // namespace apbfarm::plugin
