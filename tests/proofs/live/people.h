// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/live/book.h"
#include "proofs/live/witnesses.h"
#include "support/farm_process.h"

#include <Poco/JSON/Object.h>

#include <atomic>
#include <optional>
#include <random>
#include <string>
#include <thread>

namespace apbfarm::proofs {

/// Somebody who submits and cancels without pause and writes down what was acknowledged.
///
/// Every submission has a key and is repeated until there is an answer: it must not become two.
class Maintainer {
public:
    struct Habits {
        std::chrono::milliseconds pause{30};
        std::size_t mostOpen = 24;       ///< waits while so many builds are under way
        unsigned cancelsOneIn = 5;
        std::vector<std::string> architectures{"'x86_64'", "'x86_64' 'aarch64'"};   ///< of a package, one of these
        std::uint64_t submissions = UINT64_MAX;   ///< then there is nothing more to do
        std::uint16_t through = 0;       ///< a port that leads to the farm; 0: the farm's own
    };

    Maintainer(const test::FarmProcess& farm, Book& book, std::string token, std::string name, std::uint64_t seed, Habits habits);
    ~Maintainer() { stop(); }

    /// Once the last submission has its answer, or after a while without one.
    void stop();
    bool isDone() const { return done_; }

private:
    void work();
    test::HttpClient client() const;
    void submitNext();
    void cancelOne();
    std::optional<std::vector<BuildId>> trySubmit(const std::string& package, const std::string& tarball);

    const test::FarmProcess& farm_;
    Book& book_;
    std::string token_, name_;
    Habits habits_;
    std::mt19937_64 random_;
    std::uint64_t number_ = 0;
    std::vector<BuildId> last_;
    std::atomic<bool> stopping_{false}, done_{false};
    std::thread thread_;
};

/// Somebody who looks at every open build again and again: its state, its log as it grows, and, once it has ended, its
/// package (D5, D7, D8). A farm that does not answer is looked at later.
class Reader {
public:
    /// `token`: guests get only the end of a log.
    Reader(const test::FarmProcess& farm, Book& book, Witnesses& witnesses, std::string token);
    ~Reader();

    /// One look at one build; what fails is left for the next time. \return whether the farm answered
    bool look(const BuildId& build);
    /// The state again of one that is closed.
    void recheck(const BuildId& build);

private:
    void work();
    test::HttpClient client() const;
    std::string lookAtStatus(const test::HttpClient& client, const BuildId& build, Poco::JSON::Object::Ptr& details);
    bool lookAtLog(const test::HttpClient& client, const BuildId& build);
    void lookAtEnd(const test::HttpClient& client, const BuildId& build, const Poco::JSON::Object& details);
    void lookAtLogFile(const test::HttpClient& client, const BuildId& build, const std::vector<std::string>& log);
    void lookAtPackage(const test::HttpClient& client, const BuildId& build, const Poco::JSON::Object& details,
                       const Plan& plan);

    const test::FarmProcess& farm_;
    Book& book_;
    Witnesses& witnesses_;
    std::string token_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}
