// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/sim/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace apbfarm::sim {

/// One build as it lies in the simulated database.
struct Row {
    Build build;
    std::vector<Attempt> attempts;
    std::vector<Artifact> artifacts;
    bool tellsNobody = false;            ///< it came from elsewhere and had ended
    bool unseen = false;                 ///< written when its process was gone, and not read since
};

/// The database of the farm: outlives its process. Every write may fail, be the last thing that the process does, or
/// reach the medium only after the process is gone. Checks every stored step against the rules.
///
/// Keeps what must be stored itself; with a real storage beside it, each write goes to that one as well and both must
/// say the same.
class Disk final : public BuildStore {
public:
    explicit Disk(World& world);
    ~Disk() override;

    /// A new process: with a real storage, that opens its database again.
    void open();
    void close();
    /// False after a write that failed for good, until it is opened again (D9).
    bool writable() const { return writable_; }
    std::size_t live() const { return live_; }
    const std::map<BuildId, Row>& rows() const { return rows_; }
    /// What the real storage has is what must be there.
    void compare();

    std::vector<Build> submit(const Submission& submission) override;
    bool change(const BuildChange& change) override;
    std::optional<Build> find(const BuildId& id) override;
    std::vector<Build> listLive() override;
    std::vector<Attempt> attempts(const BuildId& id) override { return rows_[id].attempts; }
    std::vector<Artifact> artifacts(const BuildId& id) override { return rows_[id].artifacts; }

    // Nothing that the simulated farm does asks for these.
    std::vector<Build> list(const BuildQuery&) override { return {}; }
    std::int64_t count(const BuildQuery&) override { return 0; }
    std::vector<Build> latestByArchitecture(const std::string&, bool) override { return {}; }
    std::optional<Artifact> findArtifact(const BuildId&, const std::string&) override { return {}; }
    std::optional<std::string> inlinePayload(const std::string&) override { return {}; }
    void removeUnusedPayloads(Timestamp) override {}
    std::vector<std::string> payloadsInUse(const std::vector<std::string>&) override { return {}; }
    std::optional<IdempotencyRecord> findIdempotent(UserId, const std::string&) override { return {}; }

    // Log lines and files that lie beside the database.
    std::map<BuildId, std::uint64_t> logLines;
    std::map<BuildId, bool> sealed;
    std::map<std::string, std::uint64_t> files;   ///< by digest: size

private:
    enum class Fate { Good, Full, FailsAfter, FailsBefore, DiesAfter, DiesBefore, Late };

    Fate drawFate();
    void waitForCommit();
    /// Around a write: what happens to it. `write` puts it onto the medium.
    void commit(const std::function<void()>& write, bool mayBeLate);
    bool put(const BuildChange& change, bool late);
    void insert(const Submission& submission, std::vector<Build>& stored);
    void check(const Row& row, const BuildChange& change);
    void checkEnd(const BuildChange& change);

    World& world_;
    std::map<BuildId, Row> rows_;
    std::unique_ptr<Storage> real_;
    std::int64_t sequence_ = 0;
    std::size_t live_ = 0;
    bool writable_ = true;
    int opened_ = 0;
};

} // namespace apbfarm::sim
