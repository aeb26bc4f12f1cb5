// SPDX-License-Identifier: MIT
#pragma once

#include "facts.h"

namespace apbfarm::manual {

/// Manual pages in the language of man(7).
std::string farmPage(const Facts& facts);         ///< apb-farm(8)
std::string serverPage(const Facts& facts);       ///< apb-server(8)
std::string propertiesPage(const Facts& facts);   ///< apb-farm.properties(5)
std::string jsonPage(const Facts& facts);         ///< apb.json(5)

} // namespace apbfarm::manual
