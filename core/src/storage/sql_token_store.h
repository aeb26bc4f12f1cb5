// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Table tokens.
class SqlTokenStore final : public TokenStore {
public:
    SqlTokenStore(GroupCommit& writer, ReadPool& readers);

    std::vector<Token> listActive(Timestamp now) override;
    Token create(const Token& token) override;
    void renew(std::int64_t id, Timestamp lastUsedAt, Timestamp expiresAt) override;
    void revoke(std::int64_t id) override;
    int revokeAllOf(UserId user) override;
    void removeExpired(Timestamp now) override;

private:
    GroupCommit& writer_;
    ReadPool& readers_;
};

} // namespace apbfarm::storage
