// SPDX-License-Identifier: MIT
// Needs a function that nobody has.
#include <apbfarm/plugin.h>

void aFunctionThatNobodyHas(apbfarm::ExtensionRegistry& registry);

APB_FARM_PLUGIN("scheduler-unresolved", "1.0.0")
{
    aFunctionThatNobodyHas(registry);
}
