// SPDX-License-Identifier: MIT
#pragma once

#include "service/audit_trail.h"
#include "util/clock.h"

#include <apbfarm/errors.h>
#include <apbfarm/storage.h>

#include <string>
#include <vector>

namespace apbfarm::service {

/// A repository as wished for, not checked yet.
struct RepositoryWish {
    std::string name, url, gpgKeyId, description;
    bool active = true;
};

/// A package asks for repositories that no administrator has entered.
class UnknownRepositories : public InvalidInput {
public:
    UnknownRepositories(std::vector<std::string> entries, std::string pkgname);
    std::vector<std::string> entries;   ///< "name::url"
    std::string pkgname;
};

/// The pacman repositories that packages may ask for: entered, changed and removed by administrators, with a line in
/// the audit trail for each. Thread-safe; calls block on the disk.
class RepositoryService {
public:
    RepositoryService(RepositoryStore& store, AuditStore& audit, const util::Clock& clock)
        : store_(store), audit_(audit, clock), clock_(clock)
    {
    }

    std::vector<CustomRepository> list() { return store_.list(); }
    /// These throw `InvalidInput`, `Conflict` ("repository_exists") and `NotFound` ("repository_not_found").
    CustomRepository find(std::int64_t id);
    CustomRepository create(const RepositoryWish& wish, const Caller& caller);
    CustomRepository update(std::int64_t id, const RepositoryWish& wish, const Caller& caller);
    void remove(std::int64_t id, const Caller& caller);

    /// What build servers are told for these "name::url" entries: a JSON array, or nothing for no entries. Each must be
    /// an active repository of that name and that URL; throws `UnknownRepositories`.
    std::string forServers(const std::vector<std::string>& entries, const std::string& pkgname);

private:
    RepositoryStore& store_;
    AuditTrail audit_;
    const util::Clock& clock_;
};

} // namespace apbfarm::service
