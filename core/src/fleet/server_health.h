// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <string>
#include <string_view>

namespace apbfarm::fleet {

/// How a server does, from an unbroken row of failed probes. Thresholds as documented (threat-model V6).
class HealthRecord {
public:
    static constexpr int kDegradedAfter = 5;
    static constexpr int kUnavailableAfter = 15;

    /// `reported` is the architecture it named, empty when none; group "any" takes whatever it names.
    void answered(std::string_view reported, std::string_view group);
    /// How a probe failed.
    enum class Fault {
        Silence,      ///< no answer
        Busy,         ///< a 502 or another sign of a working but overloaded server; counts towards degraded only
        Nonsense      ///< it answers, but not as a build server: when that persists, somebody must look at it
    };
    void failed(Fault fault, std::string why);
    /// It answered, but does not want this farm.
    void refused(std::string why);

    ServerHealth health() const { return health_; }
    int failures() const { return failures_; }
    /// The last probe was answered, so that handing over makes sense.
    bool isAnswering() const { return answering_; }
    /// What is wrong, one line for administrators; empty while all is well.
    const std::string& reason() const { return reason_; }

private:
    ServerHealth health_ = ServerHealth::Unknown;
    int failures_ = 0;
    bool answering_ = false;
    std::string reason_;
};

} // namespace apbfarm::fleet
