// SPDX-License-Identifier: MIT
#pragma once

#include "storage/passing_storage.h"

#include <chrono>
#include <future>

namespace apbfarm::test {

/// A storage that answers the question for a list of builds only after `answer`; all else is another one's.
class LateHistory final : public storage::PassingStorage, private BuildStore {
public:
    explicit LateHistory(Storage& inner) : PassingStorage(inner), builds_(inner.builds()) {}

    void answer() { open_.set_value(); }

    BuildStore& builds() override { return *this; }

private:
    std::vector<Build> list(const BuildQuery& query) override
    {
        answered_.wait_for(std::chrono::seconds(30));
        return builds_.list(query);
    }
    std::vector<Build> submit(const Submission& submission) override { return builds_.submit(submission); }
    bool change(const BuildChange& change) override { return builds_.change(change); }
    std::optional<Build> find(const BuildId& id) override { return builds_.find(id); }
    std::int64_t count(const BuildQuery& query) override { return builds_.count(query); }
    std::vector<Build> latestByArchitecture(const std::string& pkgname, bool completedOnly) override
    {
        return builds_.latestByArchitecture(pkgname, completedOnly);
    }
    std::vector<Build> listLive() override { return builds_.listLive(); }
    std::vector<Attempt> attempts(const BuildId& id) override { return builds_.attempts(id); }
    std::vector<Artifact> artifacts(const BuildId& id) override { return builds_.artifacts(id); }
    std::optional<Artifact> findArtifact(const BuildId& id, const std::string& filename) override
    {
        return builds_.findArtifact(id, filename);
    }
    std::optional<std::string> inlinePayload(const std::string& digest) override { return builds_.inlinePayload(digest); }
    void removeUnusedPayloads(Timestamp before) override { builds_.removeUnusedPayloads(before); }
    std::vector<std::string> payloadsInUse(const std::vector<std::string>& digests) override
    {
        return builds_.payloadsInUse(digests);
    }
    std::optional<IdempotencyRecord> findIdempotent(UserId user, const std::string& key) override
    {
        return builds_.findIdempotent(user, key);
    }

    BuildStore& builds_;
    std::promise<void> open_;
    const std::shared_future<void> answered_{open_.get_future()};
};

} // namespace apbfarm::test
