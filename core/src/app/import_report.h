// SPDX-License-Identifier: MIT
#pragma once

#include "app/farm_config.h"

#include <iosfwd>

namespace apbfarm::app {

/// How `--import-check` ends.
enum ImportVerdict {
    kImportFine = 0,
    kImportWithProblems = 1,         ///< the farm can start; somebody should read the report first
    kImportRefused = 2               ///< it could not start with this database or configuration
};

/// Says in words and numbers what a start with the configured database would do. Changes nothing.
ImportVerdict checkImport(const FarmConfig& config, std::ostream& out);

} // namespace apbfarm::app
