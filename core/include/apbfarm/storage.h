// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace apbfarm {

/// What a client may repeat safely: the key it chose and what was answered the first time.
struct IdempotencyRecord {
    UserId user = 0;
    std::string key;                 ///< 1 to 128 visible ASCII characters
    std::string bodyDigest;          ///< SHA-256 (hex) of what was submitted
    std::string answer;              ///< JSON body of the first answer
    Timestamp createdAt{};
};

/// Everything one accepted submission writes, in one transaction.
struct Submission {
    std::vector<Build> builds;       ///< `sequence` is filled in by the store
    std::string payloadDigest;       ///< of the tarball, 64 hex digits
    std::optional<std::string> inlinePayload;       ///< the tarball itself when small; else it lies in the spool
    std::optional<IdempotencyRecord> idempotency;
};

/// One try of a server at a build: the intent is stored before the request leaves.
struct Attempt {
    BuildId build;
    int number = 0;                  ///< from 1
    ServerId server;
    Timestamp startedAt{};
    std::optional<Timestamp> endedAt;
    std::string outcome;             ///< empty while open; else what became of it, for administrators
};

/// One step in the life of a build, written in one transaction.
struct BuildChange {
    BuildState from;                 ///< expected stored state and revision; otherwise nothing is written
    std::int64_t fromRevision = 0;
    Build after;                     ///< the whole row; its `revision` is set to `fromRevision + 1` by the store
    std::optional<Attempt> attempt;  ///< inserted, or updated when (build, number) exists
    std::vector<Artifact> artifacts; ///< added, or replaced when (build, filename) exists
    std::vector<Notification> notifications; ///< put into the outbox
};

/// Which finished or live builds to list, newest first unless said otherwise.
struct BuildQuery {
    std::optional<BuildStatus> status;
    std::optional<UserId> owner;
    std::optional<std::string> pkgname;
    std::optional<std::string> architecture;
    std::optional<std::string> submissionGroup;
    int limit = 20;
    int offset = 0;
};

/// Builds of one day that share server, architecture, owner and status, counted.
struct TalliedBuilds {
    std::int64_t day = 0;            ///< of submission: days since 1970, UTC
    ServerId server;                 ///< empty: none yet
    std::string architecture;
    std::optional<UserId> owner;
    BuildStatus status = BuildStatus::Queued;
    std::int64_t builds = 0;
    std::int64_t started = 0, ended = 0;       ///< of those
    double waited = 0, built = 0;              ///< seconds from submission to start, from start to end; together
};

/// Builds, their attempts, files and payloads. All calls are thread-safe, synchronous, and may block on the disk.
///
/// What changes is on stable storage when the call returns. A failed write to stable storage throws `Unavailable`
/// and no later write is accepted; a full disk throws `StorageFull` and later writes are tried again.
class APB_FARM_VISIBLE BuildStore {
public:
    virtual ~BuildStore() = default;

    /// All builds of the submission or none. Returns them with their sequence.
    /// Throws `Conflict` when the idempotency key of that user is taken.
    virtual std::vector<Build> submit(const Submission& submission) = 0;

    /// False when the stored state or revision is not the expected one: the step lost a race and did not happen.
    virtual bool change(const BuildChange& change) = 0;

    virtual std::optional<Build> find(const BuildId& id) = 0;
    virtual std::vector<Build> list(const BuildQuery& query) = 0;
    virtual std::int64_t count(const BuildQuery& query) = 0;

    /// Of one package, the newest build of each architecture, by architecture. Fast however many builds there are.
    virtual std::vector<Build> latestByArchitecture(const std::string& pkgname, bool completedOnly) = 0;
    /// Every build submitted since then is in one tally. May take as long as reading all of them does. A storage that
    /// cannot count answers nothing; then there are no statistics.
    virtual std::vector<TalliedBuilds> tally(Timestamp since)
    {
        (void)since;
        return {};
    }

    /// Every build that is not final, by sequence.
    virtual std::vector<Build> listLive() = 0;

    virtual std::vector<Attempt> attempts(const BuildId& id) = 0;
    virtual std::vector<Artifact> artifacts(const BuildId& id) = 0;
    virtual std::optional<Artifact> findArtifact(const BuildId& id, const std::string& filename) = 0;

    /// The bytes of a small payload; empty when it lies in the spool or is gone.
    virtual std::optional<std::string> inlinePayload(const std::string& digest) = 0;

    /// Removes payloads stored inline that no live build needs and that are older than `before`.
    virtual void removeUnusedPayloads(Timestamp before) = 0;

    /// Of `digests`, those that a live build still needs.
    virtual std::vector<std::string> payloadsInUse(const std::vector<std::string>& digests) = 0;

    /// The first answer under that key, if it is younger than 24 hours.
    virtual std::optional<IdempotencyRecord> findIdempotent(UserId user, const std::string& key) = 0;
};

/// A file of an ended build that another farm kept in a folder of its own.
struct ForeignFile {
    BuildId build;
    std::string filename;
    std::string path;                ///< where that farm said that it lies
    std::int64_t size = -1;          ///< bytes; -1: not known
    Timestamp cachedAt{};
    bool adopted = false;            ///< the farm has, or had, its own copy
};

/// Files of builds that were taken over from another farm. Thread-safe; changes are on stable storage when a call
/// returns.
class APB_FARM_VISIBLE ForeignFileStore {
public:
    virtual ~ForeignFileStore() = default;

    /// Of ended builds, newest first; also those adopted long ago.
    virtual std::vector<ForeignFile> list() = 0;
    /// Adds the artifact that the file is now, and remembers that, so that it is never adopted twice. Does nothing but
    /// remember when the build has an artifact of that name.
    virtual void adopt(const ForeignFile& file, const Artifact& artifact) = 0;
};

/// How much the kept files of ended builds are. Content that several builds share counts once.
struct ArtifactTotals {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    std::optional<Timestamp> oldest; ///< empty when there are none
};

/// The files of ended builds as a whole, for those who make room. Thread-safe; changes are on stable storage when a
/// call returns.
class APB_FARM_VISIBLE ArtifactIndex {
public:
    virtual ~ArtifactIndex() = default;

    virtual ArtifactTotals totals() = 0;
    virtual std::int64_t countStoredBefore(Timestamp time) = 0;
    /// Those that were stored first, and before that time.
    virtual std::vector<Artifact> oldest(Timestamp storedBefore, int limit) = 0;
    /// Forgets them, but none of a build that is not final. Returns how many.
    virtual std::int64_t remove(const std::vector<Artifact>& artifacts) = 0;
    /// Of `digests`, those that some file still has.
    virtual std::vector<std::string> inUse(const std::vector<std::string>& digests) = 0;
};

/// A pacman repository that packages may ask for, once an administrator has entered it.
struct CustomRepository {
    std::int64_t id = 0;
    std::string name;
    std::string url;
    std::string gpgKeyId;
    std::string description;         ///< empty when none
    bool active = true;
    Timestamp createdAt{};
    UserId createdBy = 0;
};

class APB_FARM_VISIBLE RepositoryStore {
public:
    virtual ~RepositoryStore() = default;

    /// By name.
    virtual std::vector<CustomRepository> list() = 0;
    virtual std::optional<CustomRepository> find(std::int64_t id) = 0;
    /// Throws `Conflict` when the name is taken. Returns it with its id.
    virtual CustomRepository create(const CustomRepository& repository) = 0;
    /// All but id, creation time and creator. Throws `Conflict` when the name is taken, `NotFound`.
    virtual void update(const CustomRepository& repository) = 0;
    /// False when there is none.
    virtual bool remove(std::int64_t id) = 0;
};

/// Accounts. Thread-safe; changes are on stable storage when a call returns.
class APB_FARM_VISIBLE UserStore {
public:
    virtual ~UserStore() = default;

    virtual std::optional<User> find(UserId id) = 0;
    /// Names are unique without regard to case; inactive accounts are found too.
    virtual std::optional<User> findByName(const std::string& username) = 0;
    /// By time of creation.
    virtual std::vector<User> list(bool withInactive) = 0;
    virtual bool hasActiveAdmin() = 0;

    /// Throws `Conflict` when an active account has the name. Returns the user with its id.
    virtual User create(const User& user, const std::string& passwordHash) = 0;
    /// Writes name, role, e-mail, active and notification switch. Throws `NotFound`.
    virtual void update(const User& user) = 0;
    virtual void setLastLogin(UserId id, Timestamp at) = 0;

    /// Empty when there is no such account.
    virtual std::optional<std::string> passwordHash(UserId id) = 0;
    virtual void setPassword(UserId id, const std::string& passwordHash) = 0;
};

/// A signed-in session. The token itself is never stored.
struct Token {
    std::int64_t id = 0;
    std::string hash;                ///< SHA-256 (lower-case hex) of the token's text
    UserId user = 0;
    Timestamp createdAt{};
    Timestamp lastUsedAt{};
    Timestamp expiresAt{};
};

class APB_FARM_VISIBLE TokenStore {
public:
    virtual ~TokenStore() = default;

    /// Those that are active and not expired at `now`.
    virtual std::vector<Token> listActive(Timestamp now) = 0;
    virtual Token create(const Token& token) = 0;
    virtual void renew(std::int64_t id, Timestamp lastUsedAt, Timestamp expiresAt) = 0;
    virtual void revoke(std::int64_t id) = 0;
    /// Returns how many were active.
    virtual int revokeAllOf(UserId user) = 0;
    virtual void removeExpired(Timestamp now) = 0;
};

/// Small named values, and secrets among them (encrypted by the caller).
class APB_FARM_VISIBLE SettingStore {
public:
    virtual ~SettingStore() = default;

    virtual std::optional<std::string> get(const std::string& key) = 0;
    virtual void set(const std::string& key, const std::string& value) = 0;
    virtual void remove(const std::string& key) = 0;
};

/// How many messages there are.
struct OutboxSize {
    std::int64_t waiting = 0, givenUp = 0;
};

/// Messages that wait for a notifier.
class APB_FARM_VISIBLE OutboxStore {
public:
    virtual ~OutboxStore() = default;

    virtual void add(const Notification& notification) = 0;
    /// Due at `now`, oldest first.
    virtual std::vector<Notification> due(Timestamp now, int limit) = 0;
    virtual void delivered(const std::string& id) = 0;
    virtual void retryAt(const std::string& id, Timestamp when, int attempts, const std::string& error) = 0;
    /// Put aside for administrators to see.
    virtual void giveUp(const std::string& id, const std::string& error) = 0;
    virtual OutboxSize size() = 0;
};

/// Who did what, append-only.
struct AuditEvent {
    Timestamp at{};
    std::string actor;               ///< user name, or empty for the farm itself
    std::string action;              ///< `login_ok`, `build_cancelled`, ...
    std::string target;
    std::string address;             ///< of the client
    std::string result;
    std::string requestId;
    std::int64_t id = 0;             ///< given by the store; rises with time
};

/// Which events to list.
struct AuditQuery {
    std::optional<std::string> actor, action;   ///< exactly this
    std::optional<Timestamp> from, to;          ///< at or after, before
    std::int64_t afterId = 0;                   ///< only later ones
    bool oldestFirst = false;
    int limit = 100;
    int offset = 0;
};

class APB_FARM_VISIBLE AuditStore {
public:
    virtual ~AuditStore() = default;

    virtual void append(const AuditEvent& event) = 0;
    /// Newest first unless said otherwise.
    virtual std::vector<AuditEvent> list(const AuditQuery& query) = 0;
    /// How many there are; `limit` and `offset` do not count.
    virtual std::int64_t count(const AuditQuery& query) = 0;
};

/// One row of a module's own table: column values as text, in the order of the statement; empty for NULL.
using SqlRow = std::vector<std::optional<std::string>>;

/// Tables of a plugin, named `<module>_...`: numbered migrations, then statements with `$1, $2, ...` parameters.
class APB_FARM_VISIBLE ModuleTables {
public:
    virtual ~ModuleTables() = default;

    /// Applies the migrations with a number above the last applied one for `module`, each in a transaction.
    virtual void migrate(const std::string& module, const std::vector<std::pair<int, std::string>>& migrations) = 0;
    virtual std::vector<SqlRow> query(const std::string& sql, const SqlRow& parameters) = 0;
    /// All statements in one transaction, durable when it returns. Gives the number of rows changed by the last.
    virtual std::int64_t execute(const std::vector<std::pair<std::string, SqlRow>>& statements) = 0;
};

/// How a storage does, since it was opened.
struct StorageFigures {
    std::uint64_t commits = 0, changes = 0;     ///< a commit may hold the changes of many callers
    std::size_t waiting = 0;                    ///< changes that wait for the disk now
    std::chrono::microseconds commitTime{0};    ///< of all commits
    /// How many commits took at most so long; each entry contains those before it.
    std::vector<std::pair<std::chrono::microseconds, std::uint64_t>> commitsWithin;
};

/// Everything the farm remembers beside files. Created before all other extensions and destroyed after them.
class APB_FARM_VISIBLE Storage {
public:
    virtual ~Storage() = default;

    virtual BuildStore& builds() = 0;
    virtual ForeignFileStore& foreignFiles() = 0;
    virtual ArtifactIndex& artifacts() = 0;
    virtual RepositoryStore& repositories() = 0;
    virtual UserStore& users() = 0;
    virtual TokenStore& tokens() = 0;
    virtual SettingStore& settings() = 0;
    virtual OutboxStore& outbox() = 0;
    virtual AuditStore& audit() = 0;
    virtual ModuleTables& tables() = 0;

    /// False after a failed write to stable storage: nothing is accepted any more, the process should end.
    virtual bool writable() = 0;
    virtual StorageFigures figures() = 0;
    /// A copy of the whole database that restores to a consistent state; made while in use.
    virtual void backupTo(const std::string& path) = 0;
};

} // namespace apbfarm
