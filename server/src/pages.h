// SPDX-License-Identifier: MIT
#pragma once

#include "build_record.h"
#include "json_views.h"

#include <string>
#include <vector>

/// Plain HTML for people who open a build server in a browser; the farm has the real pages.
namespace apbfarm::server::pages {

std::string build(const BuildRecord& record, const std::vector<json::SourceFile>& sources,
                  const std::vector<std::string>& lastLines);
std::string text(const BuildRecord& record, const std::string& filename, const std::string& content);
std::string confirmCancel(const BuildRecord& record);
std::string cleanup();

} // namespace apbfarm::server::pages
