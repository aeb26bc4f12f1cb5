// SPDX-License-Identifier: MIT
#pragma once

#include "package/source_tarball.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace apbfarm::package {

/// Checks the names in an archive against threat-model X5 and remembers which were there.
///
/// Names are compared without "./" and doubled slashes. Only hashes are kept: 10,000 long names would not fit the
/// memory limit; a chance collision refuses an archive wrongly once in 10^11.
class TarNames {
public:
    explicit TarNames(const TarballLimits& limits) : limits_(limits) {}

    /// The name relative to the top, without leading "./"; empty for the top itself.
    std::string normalized(std::string_view name) const;

    void addDirectory(const std::string& name);
    void addFile(const std::string& name);
    /// `target` as in the archive: seen from the link's folder, it may not lead outside.
    void addSymlink(const std::string& name, std::string_view target);
    /// `target` must be a file that came before.
    void addHardLink(const std::string& name, std::string_view target);

private:
    enum class Kind : std::uint8_t { ImpliedDirectory, Directory, File, Link };

    void add(const std::string& name, Kind kind);
    void requireDirectory(std::string_view parent, std::string_view name);
    void checkCharacters(std::string_view name) const;

    const TarballLimits& limits_;
    std::unordered_map<std::size_t, Kind> seen_;
};

} // namespace apbfarm::package
