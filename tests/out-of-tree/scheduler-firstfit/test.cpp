// SPDX-License-Identifier: MIT
#include <apbfarm/conformance/loaded_plugin.h>
#include <apbfarm/conformance/scheduler_conformance.h>

using namespace apbfarm;

int main(int, char** arguments)
{
    conformance::LoadedPlugin plugin(arguments[1]);
    return conformance::run(conformance::schedulerCases([&] { return plugin.make<Scheduler>("firstfit"); }));
}
