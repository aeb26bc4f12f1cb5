// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace apbfarm::server {

/// Unpacks a gzip-compressed tar into the empty folder `target`, and nowhere else.
///
/// Names that leave the folder, devices and the like, links that point out of it, names that come twice and archives
/// beyond the farm's limits (entries, size, ratio, depth) are refused with InvalidInput ("invalid_tarball"); then
/// `target` may hold a part of the archive. The input is a readable, seekable descriptor, left at any place.
void unpack(int archive, const std::filesystem::path& target);

/// The same for an archive in memory.
void unpack(std::string_view archive, const std::filesystem::path& target);

} // namespace apbfarm::server
