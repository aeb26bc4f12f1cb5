// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/model.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::proofs {

/// Is told what must not be, in a sentence.
using Complain = std::function<void(const std::string&)>;

/// What a farm has acknowledged, and what was seen of it since: the memory of those who use it from outside.
///
/// Complains at once, and about each build once. Any thread.
class Book {
public:
    explicit Book(Complain complain) : complain_(std::move(complain)) {}

    /// The farm has answered a submission of that name with these builds; a repeated answer names the same ones.
    void accepted(const std::string& name, const std::vector<BuildId>& builds);
    /// A cancel is about to be asked for; what has no answer may have happened or not.
    void cancelTried(const BuildId& build);
    void cancelled(const BuildId& build);
    /// The farm says so now. A state never goes back, and a final one never changes (D5).
    void seen(const BuildId& build, const std::string& status);
    /// Lines `from` and on of its log are these. No line is ever another one (D8).
    void read(const BuildId& build, std::size_t from, const std::vector<std::string>& lines);
    /// Everything about it has been looked at; only its end is still remembered.
    void close(const BuildId& build);
    /// Something is wrong with that build.
    void complain(const BuildId& build, const std::string& what);

    std::vector<BuildId> open() const;
    std::vector<BuildId> closed() const;
    std::size_t openCount() const;
    std::size_t acceptedCount() const;
    std::size_t cancelledCount() const { return cancels_; }
    std::size_t linesOf(const BuildId& build) const;
    std::vector<std::string> logOf(const BuildId& build) const;
    std::string nameOf(const BuildId& build) const;
    std::string statusOf(const BuildId& build) const;
    bool cancelWasTried(const BuildId& build) const;
    /// Of everything that was ever seen, how many ended how.
    std::map<std::string, std::size_t> ends() const;

private:
    struct Entry {
        std::string name;
        std::string status;
        bool cancelTried = false, cancelled = false, blamed = false;
        std::vector<std::string> log;
    };

    void blame(const BuildId& build, Entry& entry, const std::string& what);
    const Entry& entry(const BuildId& build) const { return entries_.at(build); }

    Complain complain_;
    mutable std::mutex mutex_;
    std::map<BuildId, Entry> entries_;
    std::map<std::string, std::vector<BuildId>> names_;
    std::set<BuildId> open_;
    std::atomic<std::size_t> cancels_ = 0;
};

}
