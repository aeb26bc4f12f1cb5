// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table users.
///
/// Existing databases declare the name UNIQUE, with case, also among deleted accounts. So that a deleted name can be
/// used again (U12), the deleted account's name is changed to "name#id" then; '#' cannot be part of a real name.
class SqlUserStore final : public UserStore {
public:
    SqlUserStore(GroupCommit& writer, ReadPool& readers);

    std::optional<User> find(UserId id) override;
    /// Of several accounts whose names differ in case only (existing databases allow it), the active one with the
    /// exact name comes first.
    std::optional<User> findByName(const std::string& username) override;
    std::vector<User> list(bool withInactive) override;
    bool hasActiveAdmin() override;
    User create(const User& user, const std::string& passwordHash) override;
    void update(const User& user) override;
    void setLastLogin(UserId id, Timestamp at) override;
    std::optional<std::string> passwordHash(UserId id) override;
    void setPassword(UserId id, const std::string& passwordHash) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage
