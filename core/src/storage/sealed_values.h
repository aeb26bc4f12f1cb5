// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace apbfarm::storage {

/// A secret in the database: a text that begins with "sealed:", in a column named `password` or `secret` or ending in
/// `_password` or `_secret`, of a table with a whole number as its key. Elsewhere such a text is just a text: anybody
/// may have written it.
struct SealedValue {
    std::string table, column;
    std::int64_t row = 0;
    std::string sealed;              ///< what follows "sealed:"

    /// What the secret is bound to: "table/row/column".
    std::string place() const { return table + "/" + std::to_string(row) + "/" + column; }
};

/// In a copy of the database, which may be in use. Throws `Unavailable`.
std::vector<SealedValue> listSealedValues(const std::filesystem::path& file);

/// Replaces every one by what `reseal` makes of it, all in one transaction. When it returns, that is on stable storage;
/// when `reseal` throws, nothing has changed. No farm may be running. Throws `Unavailable`, `StorageFull`.
void resealValues(const std::filesystem::path& file, const std::function<std::string(const SealedValue&)>& reseal);

} // namespace apbfarm::storage
