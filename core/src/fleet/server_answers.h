// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_client.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::fleet {

/// Documents of build servers become values. Members that are absent or of a wrong type have their defaults; what
/// is no such document at all throws `Error`. No I/O.
ServerInfo readServerInfo(std::string_view json, std::uint64_t maxBytes);
/// Throws for the record of another build than `expected`, too.
RemoteBuild readRemoteBuild(std::string_view json, std::uint64_t maxBytes, const BuildId& expected);
/// At most `limit` lines, each at most 64 KiB and without line feeds; other bytes are as the build wrote them.
OutputPage readOutputPage(std::string_view json, std::uint64_t maxBytes, std::uint64_t start, int limit);
CancelAccepted readCancelAccepted(std::string_view json, std::uint64_t maxBytes);
/// Without repeats and ids that are no UUIDs, at most 200.
std::vector<ListedBuild> readLatestBuilds(std::string_view json, std::uint64_t maxBytes);

/// Pattern of threat-model X7: `[A-Za-z0-9@._+:~-]{1,255}`, neither '.' nor '-' first.
bool isArtifactName(std::string_view name);

} // namespace apbfarm::fleet
