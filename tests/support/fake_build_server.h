// SPDX-License-Identifier: MIT
#pragma once

#include "support/fake_http_listener.h"

#include <apbfarm/model.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace apbfarm::test {

struct FakeFile {
    std::string name;
    std::string content;
    std::uint64_t times = 1;                       ///< so often one after the other: a large file that needs no memory

    std::uint64_t size() const { return content.size() * times; }
};

/// What a misbehaving server does with a request.
enum class Fault {
    Silence,        ///< reads it, never answers
    SilenceAfter,   ///< does what was asked, never answers
    ResetBefore,    ///< reads it, does nothing, resets the connection
    ResetAfter,     ///< does what was asked, resets the connection instead of answering
    Html,           ///< 200 with a web page
    HalfJson,       ///< the right answer cut in the middle, well announced
    Truncated,      ///< the right answer, of which only half is sent
    Drip,           ///< the right answer, one byte per `pace`
    WrongSize,      ///< downloads: one byte more than the record of the build says
    Answer,         ///< `status`, `headers` and `body`, without doing anything
    EarlyAnswer,    ///< the same before the body of the request is read; then closes
    Raw,            ///< exactly `body`, then closes
    CloseOnReuse    ///< a second request on one connection: closed without a word
};

struct Misbehaviour {
    Fault fault = Fault::Silence;
    std::string path;                              ///< only requests whose path contains it
    std::string method;                            ///< only these; empty: all
    int times = -1;                                ///< so often; -1: always
    int status = 503;
    std::string body;
    std::map<std::string, std::string> headers;
    std::chrono::milliseconds pace{20};
};

/// A build server in this process that behaves as existing ones do, and as badly as a test wants.
///
/// Builds get a slot as they come and end when the test says so. All functions may be called by any thread.
class FakeBuildServer {
public:
    explicit FakeBuildServer(std::string architecture = "x86_64", int slots = 3);
    ~FakeBuildServer();

    std::string url() const;

    void setArchitecture(const std::string& architecture);
    void setSlots(int slots);
    void setRecreatingBuildroot(bool busy);
    /// 1 to 5 as in the protocol document; new ones are of the fifth. The first two refuse tarballs with 422 and want
    /// single files.
    void setGeneration(int generation);
    /// `GET /` takes so long, and the one event loop answers nobody else meanwhile.
    void setSlowInfo(std::chrono::milliseconds time);
    /// A cancel is only a label: the command runs on, and its end changes the record again.
    void setCancelIsALabel(bool label);
    /// Later submissions end at once, with one package named after the PKGBUILD when completed; empty: as before.
    void finishAtOnce(std::optional<BuildStatus> status);

    void appendLog(const BuildId& build, const std::string& line);
    /// Status only: the state of a record in the moment before files and times are filled in.
    void beginFinish(const BuildId& build, BuildStatus status);
    void finish(const BuildId& build, BuildStatus status, std::vector<FakeFile> packages = {});
    /// Runs here without the farm having asked for it.
    void addForeignBuild(const BuildId& build, const std::string& pkgname, BuildStatus status);

    /// One record is lost, as by trimming; its files stay downloadable.
    void forget(const BuildId& build);
    /// Stops and starts: all records are lost, files stay.
    void restart();
    void goDown();
    void comeUp();

    void misbehave(Misbehaviour misbehaviour);
    /// Ends all misbehaviour and the connections that hang in it.
    void behave();
    /// From now on what arrives is counted and not kept: `submissions` have no parts, `requests` are empty.
    void onlyCount();

    /// Everything that arrived at `POST /build`, also what was refused or not answered.
    struct Submission {
        BuildId build;
        std::string payloadDigest;        ///< SHA-256 of tarball or PKGBUILD
        std::string timeout;
        std::string extraRepos;
        std::vector<FakePart> parts;
        bool accepted = false;
    };
    std::vector<Submission> submissions() const;
    /// More than one: built twice.
    std::map<BuildId, int> acceptedCount() const;
    std::optional<BuildStatus> statusOf(const BuildId& build) const;

    struct Running {
        BuildId build;
        std::string pkgname;
        std::size_t lines = 0;            ///< of its log
    };
    /// Those that have a slot, the oldest first.
    std::vector<Running> running() const;
    std::vector<std::string> logOf(const BuildId& build) const;
    /// Most builds that ran at the same time.
    int peakBuilding() const;
    /// "GET /build/.../status-api", in order of arrival.
    std::vector<std::string> requests() const;
    std::vector<FakeRequest> requestsWithHeaders() const;

    /// False when that does not happen in time.
    bool waitForAccepted(const BuildId& build, std::chrono::milliseconds atMost = std::chrono::seconds(10));
    bool waitForRequests(const std::string& part, int count, std::chrono::milliseconds atMost = std::chrono::seconds(10));

private:
    struct Record {
        std::string pkgname;
        BuildStatus status = BuildStatus::Queued;
        double createdAt = 0;
        std::optional<double> startTime, endTime;
        std::optional<int> exitCode;
        bool settled = false;
        int timeout = 7200;
        std::string extraRepos = "[]";
        std::vector<std::string> packages;
        std::vector<std::string> log;
    };
    struct Response {
        int status = 200;
        std::string body;
        std::map<std::string, std::string> headers{{"content-type", "application/json"}};
        std::uint64_t times = 1;   ///< the body, so often
    };

    /// Seconds since 1970.
    static double now();
    void serve(FakeConnection& connection);
    bool serveOne(FakeConnection& connection, const FakeRequest& request, const Misbehaviour* fault);
    static bool send(FakeConnection& connection, const Response& answer);
    std::optional<Misbehaviour> takeFault(const FakeRequest& request);
    void note(const FakeRequest& request);

    Response handle(const FakeRequest& request);
    Response handleBuildPath(const FakeRequest& request, const BuildId& build, const std::string& rest);
    Response info() const;
    Response submit(const FakeRequest& request);
    Response accept(Submission& submission, const std::string& pkgname);
    Response status(const BuildId& build) const;
    Response output(const FakeRequest& request, const BuildId& build) const;
    Response cancel(const BuildId& build);
    Response download(const BuildId& build, const std::string& filename) const;
    Response latest(const FakeRequest& request) const;

    int countOf(BuildStatus status) const;
    void startQueued();
    void finishLocked(const BuildId& build, Record& record, BuildStatus status, std::vector<FakeFile> packages);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string architecture_;
    int slots_;
    bool recreatingBuildroot_ = false;
    int generation_ = 5;
    std::chrono::milliseconds slowInfo_{0};
    bool cancelIsALabel_ = false;
    std::optional<BuildStatus> atOnce_;
    std::map<BuildId, Record> records_;
    std::vector<BuildId> order_;
    std::map<BuildId, std::map<std::string, FakeFile>> files_;
    std::vector<Submission> submissions_;
    std::vector<FakeRequest> requests_;
    bool onlyCounts_ = false;
    std::vector<Misbehaviour> faults_;
    int peakBuilding_ = 0;
    FakeHttpListener listener_;   // last: its threads use all else
};

} // namespace apbfarm::test
