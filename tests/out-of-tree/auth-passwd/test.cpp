// SPDX-License-Identifier: MIT
#include <apbfarm/conformance/authenticator_conformance.h>
#include <apbfarm/conformance/loaded_plugin.h>

#include <crypt.h>

#include <fstream>

using namespace apbfarm;

int main(int, char** arguments)
{
    conformance::LoadedPlugin plugin(arguments[1]);
    const auto file = plugin.stateDirectory() + "passwords";
    std::ofstream(file) << "bob:$6$salt$none\nalice:" << ::crypt("correct horse", "$6$saltsalt") << "\n";
    return conformance::run(conformance::authenticatorCases(
        {[&] { return plugin.make<Authenticator>("passwd", {{"file", file}}); }, "alice", "correct horse"}));
}
