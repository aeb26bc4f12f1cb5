// SPDX-License-Identifier: MIT
// Calls itself by another name than its file. Its functions must never be called: they end the process.
#include <apbfarm/plugin.h>

#include <cstdlib>

APB_FARM_PLUGIN("scheduler-own-name", "1.0.0")
{
    (void)registry;
    std::abort();
}
