// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <apbfarm/model.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace apbfarm::fleet {

class ServerSecrets;

/// Limits on what a server may cost (threat-model V2).
struct ClientOptions {
    std::chrono::milliseconds connectTimeout{5000};
    std::chrono::milliseconds answerTimeout{10000};  ///< whole exchange of a small request
    std::chrono::milliseconds submitTimeout{120000}; ///< from the last body byte to the answer
    std::chrono::milliseconds stallTimeout{60000};   ///< without a byte in either direction of a transfer
    std::uint64_t maxJson = 1 << 20;
    std::uint64_t maxOutput = 80 << 20;              ///< one page of log lines
    std::uint64_t maxArtifact = 4ull << 30;
    std::string caFile;                              ///< for https; empty: the system's
    std::shared_ptr<ServerSecrets> secrets;          ///< sent to the server they are for (V7); null: none
};

/// Why there is no usable answer.
enum class Failure {
    NotSent,        ///< refused or unreachable before one byte of the request left: certainly not processed
    Busy,           ///< 429, 502, 503, 504, 408: busy or overloaded; a submission may or may not have been taken
    Unclear,        ///< time-out, reset, truncated or unreadable answer: may have been processed
    Refused         ///< 401, 403: the server does not want this farm
};

struct CallError {
    Failure failure = Failure::Unclear;
    int status = 0;                                  ///< 0 when there was no status line
    std::string text;                                ///< one line for administrators; may contain the address
    std::optional<std::chrono::seconds> retryAfter;  ///< capped at one hour
};

template <class T> using Answer = std::variant<T, CallError>;

/// `GET /` of a server; every field but `architecture` has the default of existing farms when absent.
struct ServerInfo {
    std::string architecture;        ///< empty when not reported
    std::string version;
    int building = 0;
    int queued = 0;
    int slots = 3;
    bool recreatingBuildroot = false;
    int buildrootRecreations = 0;
    double loadPerCore = 0;
    std::optional<BuildId> current;  ///< the first build that runs there, if its id is a UUID
    std::string document;            ///< the JSON as received, for /farm
};

/// What becomes of a submission (threat-model L2).
enum class Verdict {
    Accepted,       ///< taken, or it says that it has this id already
    Rejected,       ///< 400, 422: the submission itself is wrong
    TooLarge,       ///< 413: over this server's limit
    NotTaken,       ///< certainly not taken: not sent, 429, 503
    Forbidden,      ///< 401, 403
    NeedsFiles,     ///< 422 naming `pkgbuild`: an old server that takes single files only
    Unclear         ///< anything else: ask for the status of the id
};

struct HandOverResult {
    Verdict verdict = Verdict::Unclear;
    std::string text;                ///< the server's explanation, one line, at most 2 KiB
    std::optional<std::chrono::seconds> retryAfter;
};

/// The tarball to send: from memory or from an open file.
struct Payload {
    std::string bytes;               ///< used when `file` is none
    util::UniqueFd file;
    std::uint64_t size = 0;          ///< of the file
};

struct HandOver {
    BuildId build;
    std::chrono::seconds timeout{7200};
    std::string extraRepos;          ///< JSON array; empty: not sent
};

/// The older form of a submission, for servers that take no tarball: PKGBUILD and sources as single parts. Goes into
/// an open file piece by piece. Throws what `util::writeAll` throws.
class FilesForm {
public:
    /// `file` is empty and stays the caller's.
    FilesForm(const HandOver& handOver, int file);

    void beginFile(const std::string& name);
    void append(std::string_view bytes);
    /// After the last file.
    void finish();

private:
    friend class ServerClient;
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

struct RemoteFile {
    std::string filename;            ///< checked: no separators, no control bytes, not "." or ".."
    std::int64_t size = -1;          ///< bytes as announced; -1 when not
};

/// `GET /build/{id}/status-api`.
struct RemoteBuild {
    std::optional<BuildStatus> status;     ///< empty: a word nobody knows; changes nothing
    std::optional<double> startTime, endTime, duration; ///< epoch seconds, seconds
    std::optional<double> createdAt;
    std::optional<int> exitCode;
    std::string pkgname;                   ///< empty when not told
    std::vector<std::string> architectures; ///< arch=() of the PKGBUILD
    std::optional<std::chrono::seconds> timeout;
    std::vector<RemoteFile> packages, logs;
    std::string document;                  ///< the JSON as received
};
struct BuildNotKnown {};                   ///< a well-formed 404
using StatusAnswer = std::variant<RemoteBuild, BuildNotKnown, CallError>;

/// One page of `GET /build/{id}/output`.
struct OutputPage {
    std::vector<std::string> lines;
    std::uint64_t start = 0;
    std::uint64_t total = 0;
};
using OutputAnswer = std::variant<OutputPage, BuildNotKnown, CallError>;

struct CancelAccepted { bool success = false; std::string message; };
using CancelAnswer = std::variant<CancelAccepted, BuildNotKnown, CallError>;

struct FileMissing {};
struct FileDone { std::uint64_t size = 0; };
using DownloadAnswer = std::variant<FileDone, FileMissing, CallError>;

/// `GET /builds/latest`, without repeats.
struct ListedBuild {
    BuildId id;
    std::string pkgname;
    std::optional<BuildStatus> status;
    std::optional<double> startTime, endTime;
};

/// HTTP calls to one build server over one kept connection. Blocking; used by one thread at a time.
///
/// Never throws for what a server does: every answer is one of the alternatives. Redirects are errors. A kept
/// connection that turns out to be closed is replaced once for GETs. Addresses that are link-local, multicast or
/// a metadata service are refused (V1).
class ServerClient {
public:
    ServerClient(ServerId base, ClientOptions options);
    ~ServerClient();

    Answer<ServerInfo> info();
    HandOverResult submit(const HandOver& handOver, Payload& payload);
    /// The form must be finished.
    HandOverResult submitFiles(const FilesForm& form);
    StatusAnswer status(const BuildId& build);
    OutputAnswer output(const BuildId& build, std::uint64_t start, int limit);
    CancelAnswer cancel(const BuildId& build);
    /// Gives the bytes to `sink` in pieces. The size announced by the answer is checked; truncated is Unclear.
    DownloadAnswer download(const BuildId& build, const std::string& filename,
                            const std::function<void(std::string_view)>& sink);
    Answer<std::vector<ListedBuild>> latest(int limit);

    /// Ends a running call early, from another thread; further calls fail at once. For shutting down.
    void abort();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace apbfarm::fleet
