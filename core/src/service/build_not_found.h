// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>

#include "util/text.h"

#include <string>
#include <string_view>

namespace apbfarm::service {

/// The documented refusal of a build id that the farm does not know.
inline NotFound buildNotFound(std::string_view id)
{
    return NotFound("Build with ID '" + util::oneLine(id, 64) + "' not found on any server", "build_not_found",
                    "Build not found");
}

} // namespace apbfarm::service
