// SPDX-License-Identifier: MIT
// Registers well; making its scheduler throws something that is not an exception class, or gives nothing.
#include <apbfarm/plugin.h>

APB_FARM_PLUGIN("scheduler-throws-creating", "1.0.0")
{
    using namespace apbfarm;
    registry.add(Provider<Scheduler>{
        .name = "throwing",
        .summary = "Throws an int when it is made",
        .options = {},
        .create = [](ExtensionContext&) -> std::unique_ptr<Scheduler> { throw 5; },
    });
    registry.add(Provider<Scheduler>{
        .name = "nothing",
        .summary = "Gives nothing when it is made",
        .options = {},
        .create = [](ExtensionContext&) { return nullptr; },
    });
    registry.add(Provider<Scheduler>{
        .name = "picky",
        .summary = "Reads an option that must be a number",
        .options = {{"limit", "3", "A number"}},
        .create = [](ExtensionContext& context) -> std::unique_ptr<Scheduler> {
            return context.config().getInt("limit") > 0 ? nullptr : nullptr;
        },
    });
}
