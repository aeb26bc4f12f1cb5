// SPDX-License-Identifier: MIT
#pragma once

#include "storage/group_commit.h"
#include "storage/read_pool.h"
#include "util/clock.h"

#include <apbfarm/storage.h>

namespace apbfarm::storage {

/// Tables builds, build_attempts, artifacts, payloads, idempotency.
class SqlBuildStore final : public BuildStore {
public:
    SqlBuildStore(GroupCommit& writer, ReadPool& readers, const util::Clock& clock);

    std::vector<Build> submit(const Submission& submission) override;
    bool change(const BuildChange& change) override;
    std::optional<Build> find(const BuildId& id) override;
    std::vector<Build> list(const BuildQuery& query) override;
    std::int64_t count(const BuildQuery& query) override;
    std::vector<Build> latestByArchitecture(const std::string& pkgname, bool completedOnly) override;
    std::vector<TalliedBuilds> tally(Timestamp since) override;
    std::vector<Build> listLive() override;
    std::vector<Attempt> attempts(const BuildId& id) override;
    std::vector<Artifact> artifacts(const BuildId& id) override;
    std::optional<Artifact> findArtifact(const BuildId& id, const std::string& filename) override;
    std::optional<std::string> inlinePayload(const std::string& digest) override;
    void removeUnusedPayloads(Timestamp before) override;
    std::vector<std::string> payloadsInUse(const std::vector<std::string>& digests) override;
    std::optional<IdempotencyRecord> findIdempotent(UserId user, const std::string& key) override;

private:
    std::int64_t nextSequence(Connection& connection);

    GroupCommit& writer_;
    ReadPool& readers_;
    const util::Clock& clock_;
    std::optional<std::int64_t> lastSequence_;   // only the writing thread touches it
};

} // namespace apbfarm::storage
