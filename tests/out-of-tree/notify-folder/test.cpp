// SPDX-License-Identifier: MIT
#include <apbfarm/conformance/loaded_plugin.h>
#include <apbfarm/conformance/notifier_conformance.h>

using namespace apbfarm;
namespace fs = std::filesystem;

int main(int, char** arguments)
{
    conformance::LoadedPlugin plugin(arguments[1]);
    const fs::path folder = plugin.stateDirectory() + "messages", elsewhere = plugin.stateDirectory() + "elsewhere";
    const conformance::NotifierUnderTest subject{
        .make = [&] { return plugin.make<Notifier>("folder"); },
        .received = [&] { return static_cast<int>(std::distance(fs::directory_iterator(folder), {})); },
        .leave = [&] { fs::rename(folder, elsewhere); },
        .comeBack = [&] { fs::rename(elsewhere, folder); },
    };
    return conformance::run(conformance::notifierCases(subject));
}
