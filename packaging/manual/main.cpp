// SPDX-License-Identifier: MIT
// make-manual PLUGINS FOLDER: manual pages and completion for shells, from the tables of options.
#include "completion.h"
#include "pages.h"

#include <fstream>
#include <iostream>

namespace {

void write(const std::filesystem::path& file, const std::string& text)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file);
    out << text;
    if (!out.flush())
        throw std::runtime_error("cannot write " + file.string());
}

} // namespace

int main(int argc, char** argv)
{
    using namespace apbfarm::manual;
    if (argc != 3) {
        std::cerr << "usage: make-manual PLUGINS FOLDER\n";
        return 64;
    }
    try {
        const auto facts = gatherFacts(argv[1]);
        const std::filesystem::path folder = argv[2];
        write(folder / "man/apb-farm.8", farmPage(facts));
        write(folder / "man/apb-server.8", serverPage(facts));
        write(folder / "man/apb-farm.properties.5", propertiesPage(facts));
        write(folder / "man/apb.json.5", jsonPage(facts));
        const auto complete = [&](const std::string& program, const std::vector<Fact>& options,
                                  const std::vector<Fact>& commands) {
            write(folder / "bash" / program, bashCompletion(program, options, commands));
            write(folder / "zsh" / ("_" + program), zshCompletion(program, options, commands));
            write(folder / "fish" / (program + ".fish"), fishCompletion(program, options, commands));
        };
        complete("apb-farm", facts.farmOptions, facts.farmCommands);
        complete("apb-server", facts.serverOptions, {});
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "make-manual: " << error.what() << "\n";
        return 1;
    }
}
