// SPDX-License-Identifier: MIT
#pragma once

#include "util/clock.h"

#include <apbfarm/storage.h>

#include <string>

namespace apbfarm::service {

/// Who asks for a change, and from where; for the audit trail.
struct Caller {
    Principal who;
    std::string address;
    std::string requestId;
};

/// Writes down who did what. Thread-safe; an event is on stable storage when `record` returns.
class AuditTrail {
public:
    AuditTrail(AuditStore& store, const util::Clock& clock) : store_(store), clock_(clock) {}

    void record(std::string action, const std::string& target, const std::string& result, const Caller& caller)
    {
        store_.append({.at = clock_.wall(), .actor = caller.who.username, .action = std::move(action),
                       .target = target, .address = caller.address, .result = result, .requestId = caller.requestId});
    }
    /// What the farm does by itself, or its operator on the machine.
    void record(std::string action, const std::string& target, const std::string& result)
    {
        record(std::move(action), target, result, {});
    }

private:
    AuditStore& store_;
    const util::Clock& clock_;
};

} // namespace apbfarm::service
