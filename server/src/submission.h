// SPDX-License-Identifier: MIT
#pragma once

#include "build_table.h"
#include "settings.h"

#include <apbfarm/http.h>

namespace apbfarm::server {

/// Turns the form of `POST /build` into an accepted build on disk. Thread-safe.
class Submission {
public:
    Submission(const Settings& settings, BuildTable& table) : settings_(settings), table_(table) {}

    /// Returns the id of the build, which is stored but not in the engine's queue yet.
    /// Throws Refusal, BadValue and what storing throws; then the id is free again.
    BuildId accept(const HttpRequest& request);

private:
    BuildRecord recordOf(const HttpRequest& request) const;
    void storeSources(const HttpRequest& request, const std::filesystem::path& folder) const;
    void storeLegacyFiles(const HttpRequest& request, const FormPart& pkgbuild,
                          const std::filesystem::path& folder) const;
    void describe(BuildRecord& record, const std::filesystem::path& sources) const;

    const Settings& settings_;
    BuildTable& table_;
};

} // namespace apbfarm::server
