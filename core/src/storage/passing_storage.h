// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Another storage, which outlives it, for those who exchange a part of one.
class PassingStorage : public Storage {
public:
    explicit PassingStorage(Storage& inner) : inner_(inner) {}

    BuildStore& builds() override { return inner_.builds(); }
    ForeignFileStore& foreignFiles() override { return inner_.foreignFiles(); }
    ArtifactIndex& artifacts() override { return inner_.artifacts(); }
    RepositoryStore& repositories() override { return inner_.repositories(); }
    UserStore& users() override { return inner_.users(); }
    TokenStore& tokens() override { return inner_.tokens(); }
    SettingStore& settings() override { return inner_.settings(); }
    OutboxStore& outbox() override { return inner_.outbox(); }
    AuditStore& audit() override { return inner_.audit(); }
    ModuleTables& tables() override { return inner_.tables(); }
    bool writable() override { return inner_.writable(); }
    StorageFigures figures() override { return inner_.figures(); }
    void backupTo(const std::string& path) override { inner_.backupTo(path); }

private:
    Storage& inner_;
};

} // namespace apbfarm::storage
