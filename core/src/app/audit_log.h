// SPDX-License-Identifier: MIT
#pragma once

#include "storage/passing_storage.h"

namespace Poco {
class Logger;
}

namespace apbfarm::app {

/// An audit trail whose events are lines of the log as well (I1): `audit` and a JSON object. The line comes first, so
/// that it is there also when the trail cannot be written.
class AuditLog final : public AuditStore {
public:
    AuditLog(AuditStore& store, Poco::Logger& logger) : store_(store), logger_(logger) {}

    void append(const AuditEvent& event) override;
    std::vector<AuditEvent> list(const AuditQuery& query) override { return store_.list(query); }
    std::int64_t count(const AuditQuery& query) override { return store_.count(query); }

private:
    AuditStore& store_;
    Poco::Logger& logger_;
};

/// A storage whose audit trail is one of these; all else is its own.
class AuditedStorage final : public storage::PassingStorage {
public:
    AuditedStorage(Storage& inner, Poco::Logger& logger) : PassingStorage(inner), audit_(inner.audit(), logger) {}

    AuditStore& audit() override { return audit_; }

private:
    AuditLog audit_;
};

} // namespace apbfarm::app
