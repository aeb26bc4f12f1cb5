// SPDX-License-Identifier: MIT
#pragma once

#include "package/byte_source.h"
#include "package/package_info.h"
#include "service/build_service.h"
#include "util/unique_fd.h"

#include <string>

namespace apbfarm::service {

/// An upload that has passed every check: its tarball, digest and what the package says of itself.
struct CheckedSource {
    std::string bytes;               ///< the tarball when it is small enough to be kept in memory
    int descriptor = -1;             ///< else; belongs to the upload or to `written`
    util::UniqueFd written;          ///< a tarball that the farm made of single files
    std::uint64_t size = 0;
    std::string digest;              ///< of the tarball (util::Sha256List)
    package::PackageInfo info;
};

/// What a tarball turned out to be.
struct InspectedTarball {
    std::string digest;              ///< of all its bytes (util::Sha256List)
    package::PackageInfo info;
};

/// Reads it to the end, once, without unpacking or executing anything (X3, K1). Throws InvalidInput, TooLarge and what
/// the source throws.
InspectedTarball inspectAndHash(package::ByteSource& bytes);

class ArrivingUploads;

/// Reads an upload without unpacking or executing anything (X3, K1). `temporary` is where a tarball made of many
/// single files is written; `arriving` may have begun already, and may be absent. Throws InvalidInput or TooLarge.
CheckedSource checkUpload(const SubmitRequest& request, std::uint64_t inMemory, const std::filesystem::path& temporary,
                          ArrivingUploads* arriving = nullptr);

} // namespace apbfarm::service
