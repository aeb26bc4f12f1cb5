// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table settings.
class SqlSettingStore final : public SettingStore {
public:
    SqlSettingStore(GroupCommit& writer, ReadPool& readers);

    std::optional<std::string> get(const std::string& key) override;
    void set(const std::string& key, const std::string& value) override;
    void remove(const std::string& key) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage
