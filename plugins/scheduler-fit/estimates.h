// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace fit {

/// A value learned from samples; it follows them, but no single one throws it far off.
struct Learned {
    double value = 0;
    int samples = 0;
    double updatedAt = 0;            ///< seconds since 1970
};

/// How long a build is expected to take somewhere.
struct Expectation {
    double seconds = 0;
    bool packageKnown = false;       ///< otherwise it is the average of the architecture
    bool serverKnown = false;        ///< otherwise the server is taken to be as fast as the fastest
};

/// Durations of packages and speeds of servers, learned from finished builds.
///
/// A build takes what its package takes on an average server, times the slowness of the server. Both are kept as
/// logarithms, so that twice as slow and twice as fast weigh the same. Not thread-safe.
class Estimates {
public:
    using Package = std::pair<std::string, std::string>;   ///< name, architecture

    /// `forgetAfter` in seconds: a server of which nothing was heard so long counts as unknown.
    explicit Estimates(double forgetAfter) : forgetAfter_(forgetAfter) {}

    void learn(const Package& package, const std::string& server, double seconds, double now);
    /// Empty while nothing is known about the architecture.
    std::optional<Expectation> expected(const Package& package, const std::string& server, double now) const;

    // What is stored.
    const std::map<Package, Learned>& packages() const { return packages_; }
    const std::map<std::string, Learned>& servers() const { return servers_; }
    void restorePackage(const Package& package, const Learned& learned);
    void restoreServer(const std::string& server, const Learned& learned) { servers_[server] = learned; }

private:
    bool isKnown(const Learned& server, double now) const;
    double slownessOf(const std::string& server, double now, bool& known) const;

    double forgetAfter_;
    std::map<Package, Learned> packages_;
    std::map<std::string, Learned> servers_;
    std::map<std::string, Learned> architectures_;
};

} // namespace fit
