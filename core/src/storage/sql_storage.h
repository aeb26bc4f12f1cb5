// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"
#include "storage/sql_artifact_index.h"
#include "storage/sql_audit_store.h"
#include "storage/sql_build_store.h"
#include "storage/sql_foreign_file_store.h"
#include "storage/sql_module_tables.h"
#include "storage/sql_outbox_store.h"
#include "storage/sql_repository_store.h"
#include "storage/sql_setting_store.h"
#include "storage/sql_token_store.h"
#include "storage/sql_user_store.h"

#include <functional>

namespace apbfarm::storage {

/// What an engine hands over: connections to a database that is up to date.
struct SqlConnections {
    std::unique_ptr<Connection> writer;
    std::vector<std::unique_ptr<Connection>> readers;
    std::function<void(const std::string& path)> backup;
};

/// The `Storage` of an SQL engine: one writer, some readers, a store for each group of tables.
class SqlStorage final : public Storage {
public:
    SqlStorage(SqlConnections connections, const util::Clock& clock);

    BuildStore& builds() override { return builds_; }
    ForeignFileStore& foreignFiles() override { return foreignFiles_; }
    ArtifactIndex& artifacts() override { return artifacts_; }
    RepositoryStore& repositories() override { return repositories_; }
    UserStore& users() override { return users_; }
    TokenStore& tokens() override { return tokens_; }
    SettingStore& settings() override { return settings_; }
    OutboxStore& outbox() override { return outbox_; }
    AuditStore& audit() override { return audit_; }
    ModuleTables& tables() override { return tables_; }

    bool writable() override { return writer_.writable(); }
    StorageFigures figures() override { return writer_.figures(); }
    void backupTo(const std::string& path) override;

private:
    GroupCommit writer_;   // goes last: closing it moves the rest of the log into the database
    ReadPool readers_;
    std::function<void(const std::string&)> backup_;
    SqlBuildStore builds_;
    SqlForeignFileStore foreignFiles_;
    SqlArtifactIndex artifacts_;
    SqlRepositoryStore repositories_;
    SqlUserStore users_;
    SqlTokenStore tokens_;
    SqlSettingStore settings_;
    SqlOutboxStore outbox_;
    SqlAuditStore audit_;
    SqlModuleTables tables_;
};

} // namespace apbfarm::storage
