// SPDX-License-Identifier: MIT
#pragma once

#include "build_record.h"

#include "util/json_writer.h"

#include <optional>
#include <string>
#include <vector>

/// Records in the JSON forms of the protocol.
namespace apbfarm::server::json {

/// "2026-11-21T20:44:01.590746+00:00"; the fraction is left out when it is zero.
std::string isoTime(Timestamp time);

/// Seconds; empty when the build never started or has not ended.
std::optional<double> duration(const BuildRecord& record);

/// `logSize` empty: no log yet.
std::string status(const BuildRecord& record, std::optional<std::uint64_t> logSize);

struct SourceFile {
    std::string filename;
    std::uint64_t size = 0;
};
/// The document for people's tools: like `status` with ISO times and the list of sources.
std::string details(const BuildRecord& record, std::optional<std::uint64_t> logSize,
                    const std::vector<SourceFile>& sources);

/// One entry of a list; with `named`, the package's name is in it.
void summary(util::JsonWriter& json, const BuildRecord& record, bool named);

/// `packages` or `logs`: file names, sizes, paths.
void files(util::JsonWriter& json, const BuildId& id, const std::vector<PackageFile>& files);

} // namespace apbfarm::server::json
