// SPDX-License-Identifier: MIT
#pragma once

#include "facts.h"

namespace apbfarm::manual {

/// Scripts that complete the command line of a program.
std::string bashCompletion(const std::string& program, const std::vector<Fact>& options);
std::string zshCompletion(const std::string& program, const std::vector<Fact>& options);
std::string fishCompletion(const std::string& program, const std::vector<Fact>& options);

} // namespace apbfarm::manual
