// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace apbfarm::storage {

/// One step from a schema to the next. Never edited after a release.
struct Migration {
    int version;                     ///< from 1, without gaps
    std::string_view script;
};

/// Those in `migrations/sqlite`, in order; embedded when the library is built.
std::span<const Migration> sqliteMigrations();

} // namespace apbfarm::storage
