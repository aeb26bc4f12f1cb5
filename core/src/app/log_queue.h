// SPDX-License-Identifier: MIT
#pragma once

#include "util/worker.h"

#include <Poco/Channel.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace apbfarm::app {

/// Where lines of the log leave the program. Nobody who logs ever waits for who reads it (I3).
///
/// A line is written at once while the output takes it. Otherwise it is kept, up to a limit, and a thread writes it
/// when the output takes it again. Lines beyond the limit are dropped; how many is told in a line of its own.
class LogQueue final : public Poco::Channel {
public:
    /// Makes the line, without its end, that says how many others were dropped.
    using Report = std::function<std::string(std::uint64_t dropped)>;

    /// `descriptor` stays the caller's and open. `most`: bytes that are kept.
    LogQueue(int descriptor, Report report, std::size_t most = 4 << 20);

    /// The text of `message` as one line. Any thread.
    void log(const Poco::Message& message) override;

protected:
    /// Writes what is kept for at most a second more.
    ~LogQueue() override;

private:
    std::size_t write(std::string_view text) const;
    bool writeKept();
    std::optional<std::chrono::milliseconds> step();

    const int descriptor_;
    int own_ = -1;               ///< the same pipe or terminal opened anew, so that only we do not wait for it
    bool isSocket_ = false;
    const Report report_;
    const std::size_t most_;
    std::mutex mutex_;
    std::string kept_;
    std::uint64_t dropped_ = 0;
    std::optional<util::Worker> writer_;   ///< only once somebody did not read
};

} // namespace apbfarm::app
