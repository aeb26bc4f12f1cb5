// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/faults/patient.h"
#include "proofs/live/book.h"
#include "proofs/live/witnesses.h"

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

namespace apbfarm::proofs::failing {

/// The farm is of no use any more; it has been complained about.
struct Stuck : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Somebody who uses a farm in trouble: repeats what failed, has the farm healed when that does not help, and believes
/// nothing that is wrong.
class Caller {
public:
    Caller(Patient& patient, Book& book, const Witnesses& witnesses, Complain complain)
        : patient_(patient), book_(book), witnesses_(witnesses), complain_(std::move(complain))
    {
    }

    void logIn();
    const std::string& token() const { return token_; }
    /// Under a key of its own, until there is an answer.
    BuildId submit(const std::string& package, const std::string& tarball);
    void cancel(const BuildId& build);
    /// Looks at them, in every way, until all have ended.
    void follow(const std::vector<BuildId>& builds);
    /// What the servers were sent is what was submitted.
    void checkSources() const;
    /// In little time.
    void seeThatItAnswers();

private:
    using Try = std::function<bool(const test::HttpClient&)>;

    /// Throws `Stuck` when it never succeeds.
    void persist(const std::string& what, const Try& attempt, std::chrono::milliseconds limit);
    bool attemptOnce(const std::string& what, const Try& attempt);
    test::HttpClient client() const;
    test::HttpAnswer get(const test::HttpClient& client, const std::string& target);
    bool look(const test::HttpClient& client, const BuildId& build);
    void lookAtLog(const test::HttpClient& client, const BuildId& build);
    void lookAtFiles(const test::HttpClient& client, const BuildId& build, const test::HttpAnswer& status);

    Patient& patient_;
    Book& book_;
    const Witnesses& witnesses_;
    Complain complain_;
    std::string token_;
    std::map<std::string, std::string> digests_;   ///< of tarballs, by the name of the package
    std::string last_;                             ///< what a try came to
};

}
