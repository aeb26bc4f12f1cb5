// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/storage.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::test {

/// Rows in memory that obey the rule of `BuildStore::change`.
class RowStore : public BuildStore {
public:
    std::vector<Build> submit(const Submission& submission) override
    {
        if (broken)
            throw Unavailable("broken");
        auto builds = submission.builds;
        for (auto& build : builds) {
            build.sequence = static_cast<std::int64_t>(rows.size()) + 1;
            rows[build.id] = build;
        }
        return builds;
    }
    bool change(const BuildChange& change) override
    {
        if (broken)
            throw Unavailable("broken");
        auto& row = rows[change.after.id];
        if (row.state != change.from || row.revision != change.fromRevision)
            return false;
        row = change.after;
        row.revision = change.fromRevision + 1;
        notifications.insert(notifications.end(), change.notifications.begin(), change.notifications.end());
        return true;
    }
    std::optional<Build> find(const BuildId& id) override
    {
        const auto found = rows.find(id);
        return found == rows.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<Build> latestByArchitecture(const std::string&, bool) override { return {}; }
    std::vector<Build> listLive() override
    {
        std::vector<Build> live;
        for (const auto& [_, row] : rows)
            if (!isFinal(row.state))
                live.push_back(row);
        return live;
    }
    std::vector<Build> list(const BuildQuery&) override { return {}; }
    std::int64_t count(const BuildQuery&) override { return 0; }
    std::vector<Attempt> attempts(const BuildId&) override { return {}; }
    std::vector<Artifact> artifacts(const BuildId&) override { return {}; }
    std::optional<Artifact> findArtifact(const BuildId&, const std::string&) override { return {}; }
    std::optional<std::string> inlinePayload(const std::string&) override { return {}; }
    void removeUnusedPayloads(Timestamp) override {}
    std::vector<std::string> payloadsInUse(const std::vector<std::string>&) override { return {}; }
    std::optional<IdempotencyRecord> findIdempotent(UserId, const std::string&) override { return {}; }

    std::map<BuildId, Build> rows;
    std::vector<Notification> notifications;
    bool broken = false;
};

} // namespace apbfarm::test
