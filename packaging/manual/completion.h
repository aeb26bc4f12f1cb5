// SPDX-License-Identifier: MIT
#pragma once

#include "facts.h"

namespace apbfarm::manual {

/// Scripts that complete the command line of a program.
std::string bashCompletion(const std::string& program, const std::vector<Fact>& options, const std::vector<Fact>& commands);
std::string zshCompletion(const std::string& program, const std::vector<Fact>& options, const std::vector<Fact>& commands);
std::string fishCompletion(const std::string& program, const std::vector<Fact>& options, const std::vector<Fact>& commands);

} // namespace apbfarm::manual
