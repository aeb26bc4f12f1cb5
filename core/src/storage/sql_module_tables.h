// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"
#include "util/clock.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Statements of modules. They share the writer, so they may neither end its transaction nor change settings of the
/// engine; `query` runs on a read-only connection.
class SqlModuleTables final : public ModuleTables {
public:
    SqlModuleTables(GroupCommit& writer, ReadPool& readers, const util::Clock& clock);

    void migrate(const std::string& module, const std::vector<std::pair<int, std::string>>& migrations) override;
    std::vector<SqlRow> query(const std::string& sql, const SqlRow& parameters) override;
    std::int64_t execute(const std::vector<std::pair<std::string, SqlRow>>& statements) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
    const util::Clock& clock_;
};

} // namespace apbfarm::storage
