// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm {

/// Wall-clock time, for showing and for retention. Deadlines use the steady clock.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Seconds since 1970 with a fraction: the form of every time in the HTTP API and the database.
inline double toEpoch(Timestamp time)
{
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

inline Timestamp fromEpoch(double seconds)
{
    return Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::duration<double>(seconds)));
}

/// A canonical lower-case UUID (8-4-4-4-12), chosen by the farm.
using BuildId = std::string;

/// The base URL of a build server as configured, without a trailing slash.
using ServerId = std::string;

/// Row id of an account, from 1.
using UserId = std::int64_t;

/// What clients are told: the five words of the HTTP API.
enum class BuildStatus { Queued, Building, Completed, Failed, Cancelled };

/// Where a build really is. `Assigning` is shown as queued, `LostContact` and `Cancelling` as building.
enum class BuildState {
    Queued,
    Assigning,    ///< a server was chosen and the intent is stored; whether the server has the build may be open
    Building,
    LostContact,  ///< the server has not answered for a while; it may still be building
    Cancelling,   ///< the cancel is stored; the server has not confirmed yet
    Completed,
    Failed,
    Cancelled
};

constexpr bool isFinal(BuildState state)
{
    return state == BuildState::Completed || state == BuildState::Failed || state == BuildState::Cancelled;
}

constexpr BuildStatus statusOf(BuildState state)
{
    switch (state) {
    case BuildState::Queued:
    case BuildState::Assigning: return BuildStatus::Queued;
    case BuildState::Building:
    case BuildState::LostContact:
    case BuildState::Cancelling: return BuildStatus::Building;
    case BuildState::Completed: return BuildStatus::Completed;
    case BuildState::Failed: return BuildStatus::Failed;
    case BuildState::Cancelled: return BuildStatus::Cancelled;
    }
    return BuildStatus::Failed;
}

constexpr std::string_view toText(BuildStatus status)
{
    switch (status) {
    case BuildStatus::Queued: return "queued";
    case BuildStatus::Building: return "building";
    case BuildStatus::Completed: return "completed";
    case BuildStatus::Failed: return "failed";
    case BuildStatus::Cancelled: return "cancelled";
    }
    return "failed";
}

/// Empty for any word that is not one of the five.
constexpr std::optional<BuildStatus> buildStatusFromText(std::string_view word)
{
    for (auto status : {BuildStatus::Queued, BuildStatus::Building, BuildStatus::Completed, BuildStatus::Failed,
                        BuildStatus::Cancelled})
        if (word == toText(status))
            return status;
    return std::nullopt;
}

constexpr std::string_view toText(BuildState state)
{
    switch (state) {
    case BuildState::Queued: return "queued";
    case BuildState::Assigning: return "assigning";
    case BuildState::Building: return "building";
    case BuildState::LostContact: return "lost-contact";
    case BuildState::Cancelling: return "cancelling";
    case BuildState::Completed: return "completed";
    case BuildState::Failed: return "failed";
    case BuildState::Cancelled: return "cancelled";
    }
    return "failed";
}

constexpr std::optional<BuildState> buildStateFromText(std::string_view word)
{
    for (auto state : {BuildState::Queued, BuildState::Assigning, BuildState::Building, BuildState::LostContact,
                       BuildState::Cancelling, BuildState::Completed, BuildState::Failed, BuildState::Cancelled})
        if (word == toText(state))
            return state;
    return std::nullopt;
}

/// One build of one package for one architecture.
struct Build {
    BuildId id;
    std::int64_t sequence = 0;       ///< order of acceptance; given by the store, unique, growing
    std::int64_t revision = 0;       ///< grows by one with every stored change
    BuildState state = BuildState::Queued;

    std::string pkgname;             ///< pkgbase, else the first pkgname
    std::string epoch;               ///< empty when the package has none
    std::string pkgver;              ///< empty when it could only be found by running the PKGBUILD
    std::string pkgrel;
    std::string architecture;        ///< a real architecture, never "any"
    bool anyArchitecture = false;    ///< arch=('any'): may go to a server of another architecture than `architecture`
    std::vector<std::string> pkgnames;              ///< of a split package: what its files may be called
    std::vector<std::string> pkgbuildArchitectures; ///< arch=() as written

    std::string submissionGroup;     ///< one per submission; empty for discovered builds
    std::optional<UserId> owner;     ///< empty for discovered builds
    std::string payload;             ///< digest (64 hex digits) of the tarball; empty for discovered builds
    std::string extraRepositories;   ///< JSON array for the build server, as checked at submission; empty when none
    std::int64_t queuePosition = 0;  ///< place in the farm's queue right after submission, from 1
    std::chrono::seconds timeout{7200};

    Timestamp createdAt{};
    std::optional<Timestamp> startedAt;
    std::optional<Timestamp> endedAt;

    int attempt = 0;                 ///< hand-overs tried so far
    bool uncertain = false;          ///< Assigning, Cancelling: the outcome of the hand-over is not known yet
    std::optional<BuildStatus> ending; ///< the server's verdict while files are still being secured
    std::optional<ServerId> server;
    std::vector<ServerId> refusedBy; ///< servers whose size limit the payload exceeds
    std::string reason;              ///< why it is there, waits or failed, in a sentence for people

    std::string serverRecord;        ///< last status document of the server, JSON; empty before the first
    std::optional<Timestamp> lastStatusUpdate;
    bool serverAvailable = true;
    bool artifactsGivenUp = false;   ///< ended without all files; `reason` says why
};

/// A file that a build left behind and that the farm holds.
struct Artifact {
    BuildId build;
    std::string filename;
    std::int64_t size = 0;           ///< bytes
    std::string sha256;              ///< hex; the file's place in the artifact store
    std::string contentType;
    Timestamp storedAt{};
};

/// Degraded and better may be given builds.
enum class ServerHealth { Unknown, Healthy, Degraded, Unavailable, Misconfigured };

constexpr std::string_view toText(ServerHealth health)
{
    switch (health) {
    case ServerHealth::Unknown: return "unknown";
    case ServerHealth::Healthy: return "healthy";
    case ServerHealth::Degraded: return "degraded";
    case ServerHealth::Unavailable: return "unavailable";
    case ServerHealth::Misconfigured: return "misconfigured";
    }
    return "unknown";
}

/// A build server as the farm sees it at one moment.
struct ServerSnapshot {
    ServerId id;
    std::string architecture;        ///< as reported by the server, else the configured group
    ServerHealth health = ServerHealth::Unknown;
    int slots = 0;                   ///< builds it runs at once
    int freeSlots = 0;               ///< after the farm's own builds and hand-overs and foreign ones
    int building = 0;                ///< running there now, the farm's and others'
    int queued = 0;                  ///< waiting on the server itself
    bool recreatingBuildroot = false;
    double loadAverage = 0;          ///< one minute, per core; 0 when not reported
};

/// What a scheduler answers: a server or none, and why, in words for people.
struct Placement {
    std::optional<ServerId> server;  ///< empty: the build stays queued until something changes
    std::string reason;              ///< one sentence, shown to everyone; never contains a server address

    static Placement on(ServerId server, std::string reason) { return {std::move(server), std::move(reason)}; }
    static Placement wait(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

enum class Role { Guest, User, Admin };

constexpr std::string_view toText(Role role)
{
    switch (role) {
    case Role::Guest: return "guest";
    case Role::User: return "user";
    case Role::Admin: return "admin";
    }
    return "guest";
}

constexpr std::optional<Role> roleFromText(std::string_view word)
{
    for (auto role : {Role::Guest, Role::User, Role::Admin})
        if (word == toText(role))
            return role;
    return std::nullopt;
}

struct User {
    UserId id = 0;
    std::string username;
    Role role = Role::User;
    std::string email;               ///< empty when none
    bool active = true;
    bool emailNotifications = true;
    Timestamp createdAt{};
    std::optional<Timestamp> lastLogin;
};

/// The signed-in caller of a request.
struct Principal {
    UserId id = 0;
    std::string username;
    Role role = Role::User;
    std::int64_t token = 0;          ///< id of the session's token
};

enum class NotificationKind {
    BuildFinished,
    AccountCreated,
    AccountDeleted,
    RoleChanged,
    EmailChanged,
    PasswordChanged,
    TokensRevoked,
    ServerTrouble,
    Test
};

/// One message to one recipient. Delivered at least once; repeats carry the same id.
struct Notification {
    std::string id;                  ///< stable across retries; usable as Message-ID
    NotificationKind kind = NotificationKind::BuildFinished;
    std::string recipientName;
    std::string recipientEmail;
    std::string subject;             ///< one line of UTF-8
    std::string text;                ///< plain UTF-8, LF line ends
    std::map<std::string, std::string> facts; ///< build_id, pkgname, status, ... for structured receivers
    Timestamp createdAt{};
    int attempts = 0;
};

} // namespace apbfarm
