// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::package {

/// One file of a submission in the older form: PKGBUILD and sources as single uploads.
struct TarballFile {
    std::string name;              ///< checked by `checkSourceName`
    std::string_view bytes;        ///< the content when `descriptor` is -1
    int descriptor = -1;           ///< a readable file, taken from its start; stays the caller's
};

/// Throws `InvalidInput` ("invalid_file_name") unless the name is [A-Za-z0-9@._+:-]{1,255} and does not begin with
/// "." or "-" (X7).
void checkSourceName(std::string_view name);

/// Makes a .tar.gz of the files in the order given. Equal files give equal bytes: owner, mode and time are fixed (X7).
///
/// Throws `InvalidInput` for a bad or repeated name and when there is no PKGBUILD, `Unavailable` when a descriptor
/// cannot be read, `StorageFull` when the disk is full.
std::string writeTarball(const std::vector<TarballFile>& files);
/// The same into an open file at its current offset, in constant memory.
void writeTarball(const std::vector<TarballFile>& files, int descriptor);

} // namespace apbfarm::package
