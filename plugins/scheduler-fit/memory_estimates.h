// SPDX-License-Identifier: MIT
#pragma once

#include "estimates.h"

#include <map>
#include <optional>
#include <string>

namespace fit {

/// What a build server said of memory when a build had ended, in bytes.
struct ReportedMemory {
    std::optional<double> peak;      ///< that the build needed
    std::optional<double> server;    ///< that the server has
};

/// From the status document of a server, JSON. What is absent or makes no sense is empty; no build needs more than its
/// server has.
ReportedMemory readMemory(const std::string& statusDocument);

/// Peak memory of packages and the memory of servers. Not thread-safe.
///
/// A package is expected to need what it needed most, for too little is worse than too much: a higher peak is believed
/// at once, lower ones bring the expectation down slowly. Kept as logarithms, as the durations are.
class MemoryEstimates {
public:
    using Package = Estimates::Package;

    /// `forgetAfter` in seconds: a server of which nothing was heard so long counts as unknown.
    explicit MemoryEstimates(double forgetAfter) : forgetAfter_(forgetAfter) {}

    /// A build that failed shows only that it needs so much at least.
    void learn(const Package& package, double bytes, bool completed, double now);
    void learnServer(const std::string& server, double bytes, double now);

    /// Bytes; empty while nothing is known.
    std::optional<double> expected(const Package& package) const;
    std::optional<double> ofServer(const std::string& server, double now) const;

    // What is stored.
    const std::map<Package, Learned>& packages() const { return packages_; }
    const std::map<std::string, Learned>& servers() const { return servers_; }
    void restorePackage(const Package& package, const Learned& learned) { packages_[package] = learned; }
    void restoreServer(const std::string& server, const Learned& learned) { servers_[server] = learned; }

private:
    double forgetAfter_;
    std::map<Package, Learned> packages_;
    std::map<std::string, Learned> servers_;
};

} // namespace fit
