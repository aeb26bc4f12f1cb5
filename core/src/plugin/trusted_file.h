// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

namespace apbfarm::plugin {

/// Whose files may become code of this process: root, the running user, and who installed this program.
std::vector<uid_t> trustedOwners();

/// The regular file behind `path`, symlinks resolved (G1).
///
/// The file and every folder on both ways, the one as written and the one resolved, belong to one of `owners` and can
/// be changed by nobody else; sticky folders such as /tmp pass. Throws `PluginError` naming the first that does not.
std::filesystem::path resolveTrustedFile(const std::filesystem::path& path, const std::vector<uid_t>& owners);

} // namespace apbfarm::plugin
