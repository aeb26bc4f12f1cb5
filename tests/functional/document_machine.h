// SPDX-License-Identifier: MIT
#pragma once

#include "support/child_process.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A machine on which the commands of a document are typed, small enough for a temporary folder: `bin` comes first in
/// the path, systemctl runs the unit `apb-farm`, sudo runs the command as who calls it.
class DocumentMachine {
public:
    /// The unit runs `execStart`. `sudoOptions` are further cases of a shell's `case "$1" in`.
    explicit DocumentMachine(const std::string& execStart, const std::string& sudoOptions = "")
    {
        for (const auto* name : {"bin", "units"})
            std::filesystem::create_directory(folder / name);
        runs(execStart);
        program("sudo", "while [ \"$1\" != \"${1#-}\" ]; do case \"$1\" in " + sudoOptions +
                            "-u) shift 2;; *) shift;; esac; done; exec \"$@\"");
        program("systemctl", "exec python3 " + (sourceDirectory() / "tests/support/systemctl.py").string() + " \"$@\"");
        variables = {{"PATH", (folder / "bin").string() + ":" + std::getenv("PATH")}, {"UNITS", folder / "units"}};
    }
    ~DocumentMachine()
    {
        ChildProcess({folder / "bin/systemctl", "stop", "apb-farm"}, folder / "stop.log", variables).wait();
    }
    DocumentMachine(const DocumentMachine&) = delete;
    DocumentMachine& operator=(const DocumentMachine&) = delete;

    void runs(const std::string& execStart) const
    {
        std::ofstream(folder / "units/apb-farm.service") << "[Service]\nExecStart=" << execStart << "\n";
    }
    void program(const std::string& name, const std::string& script) const
    {
        std::ofstream(folder / "bin" / name) << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(folder / "bin" / name, std::filesystem::perms(0755));
    }

    /// Types `settings` and then the blocks, each after a line `=== block N`; the first block of a document is what
    /// `settings` stands for and is number 0. Returns what was printed. Everything must succeed.
    std::string type(const std::string& settings, const std::vector<std::string>& blocks) const
    {
        auto script = "set -euo pipefail\n" + settings;
        for (std::size_t i = 1; i < blocks.size(); ++i)
            script += "echo; echo '=== block " + std::to_string(i) + "'\n" + blocks[i];
        std::ofstream(folder / "commands") << script;
        ChildProcess shell({"bash", folder / "commands"}, folder / "output", variables);
        const auto code = shell.wait(std::chrono::minutes(5));
        const auto output = shell.output();
        BOOST_TEST_REQUIRE(code.value_or(-1) == 0, output << readFile(folder / "units/apb-farm.log"));
        return output;
    }

    TempDir folder;
    std::uint16_t port = freePort();
    std::map<std::string, std::string> variables;   ///< of the environment
};

} // namespace apbfarm::test
