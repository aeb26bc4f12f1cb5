// SPDX-License-Identifier: MIT
#pragma once

#include "util/text.h"

#include <apbfarm/errors.h>

#include <string>
#include <string_view>

namespace apbfarm::package {

/// In the words that existing clients and servers use.
[[noreturn]] inline void refuseTarball(const std::string& why)
{
    throw InvalidInput("Could not extract tarball: " + why, "invalid_tarball");
}

/// A hostile name inside a message.
inline std::string shownName(std::string_view name)
{
    return "'" + util::oneLine(name, 80) + "'";
}

} // namespace apbfarm::package
