// SPDX-License-Identifier: MIT
#include <apbfarm/conformance/http_module_conformance.h>
#include <apbfarm/conformance/loaded_plugin.h>

using namespace apbfarm;

int main(int, char** arguments)
{
    conformance::LoadedPlugin plugin(arguments[1]), sqlite(arguments[2] + std::string("/storage-sqlite.so"));
    const auto storage = sqlite.make<Storage>("sqlite");
    plugin.use(*storage);
    return conformance::run(conformance::httpModuleCases([&] { return plugin.make<HttpModule>("notes"); }));
}
