// SPDX-License-Identifier: MIT
#pragma once

#include "files/payload_spool.h"
#include "fleet/fleet.h"
#include "package/package_info.h"
#include "service/audit_trail.h"
#include "service/build_ledger.h"
#include "service/build_queue.h"
#include "service/repeat_gate.h"

#include <apbfarm/model.h>
#include <apbfarm/storage.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace apbfarm::service {

/// A file as it was uploaded: in memory, or as an open temporary file. Lives as long as the request.
struct UploadedFile {
    std::string filename;            ///< as sent; never used as a path (X7)
    std::string_view bytes;          ///< when in memory
    int descriptor = -1;             ///< else; may be read from any place
    std::uint64_t size = 0;
};

/// What somebody submits: a tarball, or the older form with single files.
struct SubmitRequest {
    Principal user;
    std::optional<UploadedFile> tarball;
    std::optional<UploadedFile> pkgbuild;
    std::vector<UploadedFile> sources;
    std::string architectures;       ///< comma list; empty: all of the PKGBUILD
    std::string timeout;             ///< seconds as text; empty: the default
    std::string idempotencyKey;      ///< empty: none
};

/// What was accepted; the builds are in the queue once `submit` returns.
struct Submitted {
    std::vector<Build> builds;
    std::vector<std::string> targets;         ///< asked for and in arch=()
    std::vector<std::string> pkgbuildArchitectures;
    std::vector<std::string> skipped;         ///< targets without a server
    std::string submissionGroup;
    std::optional<std::chrono::seconds> customTimeout;
    std::size_t queueSize = 0;                ///< builds waiting in the farm, these included
    std::vector<std::string> warnings;
};

struct CheckedSource;
class ArrivingUploads;

/// None of the requested architectures is in arch=(); tells clients what they show (client expectations 4.2).
class NoValidArchitectures : public InvalidInput {
public:
    NoValidArchitectures(const package::PackageInfo& info, std::vector<std::string> requested);
    std::string pkgname;
    std::vector<std::string> pkgbuild, requested;
};

/// Nothing of a submission can be built; tells clients everything that they show (client expectations 4.2).
class NothingQueued : public Unavailable {
public:
    NothingQueued(const std::string& detail, std::string pkgname) : Unavailable(detail, "no_builds_queued"), pkgname(std::move(pkgname)) {}
    std::string pkgname;
    std::vector<std::string> targets, available, pkgbuild;
};

struct SubmitLimits {
    std::size_t queue = 100000;      ///< builds waiting in all
    std::size_t queuePerUser = 10000;
    int perMinute = 60;              ///< submissions of one user; 0: no limit
    std::uint64_t inlinePayload = 64 << 10;   ///< bytes; smaller tarballs lie in the database with their row
    std::uint64_t storageReserve = 256 << 20; ///< bytes left on the disk for builds already accepted (D10)
    bool holdOfflineArchitectures = false;
};

struct CancelOutcome {
    bool success = false;            ///< false: it had ended before
    bool wasQueued = false;          ///< nobody had it yet
    std::string message;
};

/// What people do with builds: submit, cancel, release. Rules and permissions; no HTTP, no SQL. Thread-safe.
class BuildService {
public:
    /// Renders the answer before it is stored, so that a repeated request gets the same one (L13).
    using Render = std::function<std::string(const Submitted&)>;

    /// What build servers are told of the repositories ("name::url") that a package asks for; throws what refuses them.
    using Repositories = std::function<std::string(const std::vector<std::string>& entries, const std::string& pkgname)>;

    /// `arriving` knows of uploads before they are submitted; it may be absent.
    BuildService(BuildLedger& ledger, BuildStore& store, BuildQueue& queue, fleet::Fleet& fleet,
                 files::PayloadSpool& spool, AuditStore& audit, const util::Clock& clock, SubmitLimits limits,
                 Repositories repositories, ArrivingUploads* arriving = nullptr);

    /// Returns the rendered answer once everything is on disk (D1). Throws InvalidInput, Forbidden, Conflict,
    /// TooMany, StorageFull, NothingQueued; then nothing is left behind.
    std::string submit(const SubmitRequest& request, const Render& render);

    /// What a submission would be read as; nothing is kept. Throws InvalidInput, TooLarge.
    package::PackageInfo inspect(const SubmitRequest& request) const;

    /// Throws NotFound, and Forbidden for somebody else's build.
    /// What an administrator cancels of others goes into the audit trail.
    CancelOutcome cancel(const BuildId& id, const Caller& caller);

    /// For an administrator who knows that the server, which did not say whether it took the build, does not have it:
    /// the build waits for a server again, or is cancelled if that was asked for. Returns a sentence about that. Throws
    /// NotFound, and Conflict ("build_not_uncertain") while there is no doubt about it (L3).
    std::string release(const BuildId& id, const Caller& caller);

    /// From the next submission on.
    void configure(const SubmitLimits& limits) { limits_.with([&](SubmitLimits& now) { now = limits; }); }

private:
    struct Quota {
        std::chrono::steady_clock::time_point since{};
        int count = 0;
    };

    std::optional<std::chrono::seconds> customTimeout(const SubmitRequest& request) const;
    void checkQuota(const Principal& user);
    void checkSpace() const;
    std::optional<std::string> earlierAnswer(const SubmitRequest& request, const std::string& digest);
    Submitted plan(const SubmitRequest& request, const package::PackageInfo& info,
                   std::optional<std::chrono::seconds> timeout);
    std::vector<Build> buildsFor(const Submitted& planned, const CheckedSource& source, const Principal& user);
    std::string leastLoadedArchitecture(const std::vector<std::string>& taken) const;
    bool isAvailable(const std::string& architecture) const;

    BuildLedger& ledger_;
    BuildStore& store_;
    BuildQueue& queue_;
    fleet::Fleet& fleet_;
    files::PayloadSpool& spool_;
    AuditTrail audit_;
    const util::Clock& clock_;
    util::Guarded<SubmitLimits> limits_;
    Repositories repositories_;
    ArrivingUploads* arriving_;
    util::Guarded<std::unordered_map<UserId, Quota>> quotas_;
    RepeatGate repeats_;
};

} // namespace apbfarm::service
