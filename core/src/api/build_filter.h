// SPDX-License-Identifier: MIT
#pragma once

#include "api/template_store.h"

#include <apbfarm/http.h>
#include <apbfarm/storage.h>

#include <cstdint>
#include <optional>
#include <string>

namespace apbfarm::api {

/// Which builds a list on a page shows, as it stands in the page's address.
struct BuildFilter {
    std::optional<BuildStatus> status;
    std::string package, architecture, user;   ///< empty: all
    std::uint64_t page = 1;

    /// Throws InvalidInput for what no list can be made of, and Unauthenticated when a guest asks by user.
    static BuildFilter of(const HttpRequest& request);

    bool isSet() const { return status || !package.empty() || !architecture.empty() || !user.empty(); }
    /// "&status=failed&package=hello", without the page; empty when nothing is set.
    std::string asQuery() const;
    /// Empty when the user that is asked for does not exist: then no build matches.
    std::optional<BuildQuery> asBuildQuery(UserStore& users, int perPage) const;
    /// Sets what the filter form shows.
    void addTo(View& view) const;
};

} // namespace apbfarm::api
