// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/storage.h>

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
class AuditedStorage final : public Storage {
public:
    AuditedStorage(Storage& storage, Poco::Logger& logger) : storage_(storage), audit_(storage.audit(), logger) {}

    BuildStore& builds() override { return storage_.builds(); }
    ForeignFileStore& foreignFiles() override { return storage_.foreignFiles(); }
    ArtifactIndex& artifacts() override { return storage_.artifacts(); }
    RepositoryStore& repositories() override { return storage_.repositories(); }
    UserStore& users() override { return storage_.users(); }
    TokenStore& tokens() override { return storage_.tokens(); }
    SettingStore& settings() override { return storage_.settings(); }
    OutboxStore& outbox() override { return storage_.outbox(); }
    AuditStore& audit() override { return audit_; }
    ModuleTables& tables() override { return storage_.tables(); }
    bool writable() override { return storage_.writable(); }
    StorageFigures figures() override { return storage_.figures(); }
    void backupTo(const std::string& path) override { storage_.backupTo(path); }

private:
    Storage& storage_;
    AuditLog audit_;
};

} // namespace apbfarm::app
