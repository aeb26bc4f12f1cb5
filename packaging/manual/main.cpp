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
        for (const auto& [program, options] : {std::pair("apb-farm", facts.farmOptions), {"apb-server", facts.serverOptions}}) {
            write(folder / "bash" / program, bashCompletion(program, options));
            write(folder / "zsh" / ("_" + std::string(program)), zshCompletion(program, options));
            write(folder / "fish" / (program + std::string(".fish")), fishCompletion(program, options));
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "make-manual: " << error.what() << "\n";
        return 1;
    }
}
