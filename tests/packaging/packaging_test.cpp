// SPDX-License-Identifier: MIT
// What packages bring besides programs: manual pages, completion, service files.
#include "app/apb_json.h"
#include "app/farm_config_options.h"
#include "app/program_options.h"
#include "server_options.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <regex>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

std::filesystem::path made(const std::string& name)
{
    return buildDirectory() / "packaging" / name;
}

/// The page as a reader sees it, without the marks of man(7).
std::string page(const std::string& name)
{
    static const std::regex fonts(R"(\\f[A-Z])");
    auto text = std::regex_replace(readFile(made("manual/man/" + name)), fonts, "");
    for (std::size_t at = 0; (at = text.find("\\-", at)) != text.npos; ++at)
        text.erase(at, 1);
    return text;
}

template <class Table> void checkProgram(const std::string& program, const Table& options)
{
    const auto manual = page(program + ".8");
    const auto bash = readFile(made("manual/bash/" + program)), zsh = readFile(made("manual/zsh/_" + program)),
               fish = readFile(made("manual/fish/" + program + ".fish"));
    BOOST_TEST_REQUIRE(options.size() > 5u);
    for (const auto& option : options) {
        const auto argument = option.argument.empty() ? "" : " " + option.argument;
        BOOST_TEST(manual.find("\n--" + option.name + argument + "\n") != manual.npos, option.name);
        BOOST_TEST(bash.find("--" + option.name + " ") + bash.find("--" + option.name + "\"") != 2 * bash.npos,
                   option.name);
        BOOST_TEST(zsh.find("'--" + option.name + "[") != zsh.npos, option.name);
        BOOST_TEST(fish.find(" -l " + option.name + " ") != fish.npos, option.name);
    }
}

/// What bash offers behind these words.
std::string offered(const std::string& program, const std::string& before, const std::string& word)
{
    TempDir folder;
    ChildProcess shell({"bash", "-c",
                        "source \"$0\"; COMP_WORDS=(x '" + before + "' '" + word + "'); COMP_CWORD=2; _" +
                            std::regex_replace(program, std::regex("-"), "_") + "; echo \"${COMPREPLY[*]}\"",
                        made("manual/bash/" + program)},
                       folder / "output");
    shell.wait();
    return shell.output();
}

std::string readelf(const std::string& what, const std::filesystem::path& file)
{
    TempDir folder;
    ChildProcess program({"readelf", "--wide", what, file}, folder / "output");
    BOOST_TEST_REQUIRE(program.wait().value_or(-1) == 0, program.output());
    return program.output();
}

/// A stack that is not executed, and a table of functions that nothing writes to once the program runs.
void checkHardened(const std::filesystem::path& file)
{
    const auto segments = readelf("--segments", file), dynamic = readelf("--dynamic", file);
    BOOST_TEST(segments.find("GNU_RELRO") != segments.npos, file);
    BOOST_TEST(std::regex_search(segments, std::regex("GNU_STACK[^\n]* RW ")), file << segments);
    BOOST_TEST(dynamic.find("BIND_NOW") + dynamic.find(" NOW") != 2 * dynamic.npos, file << dynamic);
}

} // namespace

BOOST_AUTO_TEST_SUITE(Packaging)

/// Q14; lintian says the same of the packages, in packaging/test-deb.
BOOST_AUTO_TEST_CASE(programs_and_plugins_are_hardened)
{
    int plugins = 0;
    for (const auto& entry : std::filesystem::directory_iterator(buildDirectory() / "plugins"))
        if (entry.path().extension() == ".so") {
            ++plugins;
            checkHardened(entry.path());
        }
    BOOST_TEST(plugins >= 5);
    for (const auto* name : {"apb-farm", "apb-server"}) {
        const auto program = buildDirectory() / "bin" / name;
        checkHardened(program);
        BOOST_TEST(readelf("--dynamic", program).find("PIE") != std::string::npos, name);
        const auto symbols = readelf("--dyn-syms", program);
        BOOST_TEST(symbols.find("__stack_chk_fail") != symbols.npos, name);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)   // which do it themselves
        BOOST_TEST(symbols.find("printf_chk") != symbols.npos, name);
#endif
    }
}

BOOST_AUTO_TEST_CASE(pages_and_completion_name_every_option_of_the_programs)
{
    checkProgram("apb-farm", app::programOptions());
    checkProgram("apb-server", server::serverOptions());
}

BOOST_AUTO_TEST_CASE(pages_and_completion_name_every_command)
{
    const auto manual = page("apb-farm.8"), bash = readFile(made("manual/bash/apb-farm")),
               zsh = readFile(made("manual/zsh/_apb-farm")), fish = readFile(made("manual/fish/apb-farm.fish"));
    for (const auto& command : app::programCommands()) {
        const auto first = command.name.substr(0, command.name.find(' '));
        BOOST_TEST(manual.find("\n" + command.name + (command.argument.empty() ? "" : " " + command.argument) + "\n") != manual.npos,
                   command.name);
        BOOST_TEST(bash.find(" " + first) != bash.npos, first);
        BOOST_TEST(zsh.find(first) != zsh.npos, first);
        BOOST_TEST(fish.find("-a '" + first + "'") != fish.npos, first);
    }
    for (const auto& option : app::programOptions())
        if (!option.command.empty())
            BOOST_TEST(manual.find("Takes ") != manual.npos, option.name);
    BOOST_TEST(offered("apb-farm", "", "doc") == "doctor\n");
    BOOST_TEST(offered("apb-farm", "secrets", "") == "rotate\n");
    BOOST_TEST(offered("apb-farm", "restore", "/etc/passw").find("/etc/passwd") == 0u);
}

BOOST_AUTO_TEST_CASE(the_page_of_the_settings_names_every_one_of_the_core_and_of_plugins)
{
    const auto manual = page("apb-farm.properties.5");
    for (const auto& group : app::farmOptions("~"))
        for (const auto& option : group.options)
            BOOST_TEST(manual.find("\n" + option.key + " = ") != manual.npos, option.key);
    for (const auto* option : {"auth.local.legacyFormat", "scheduler.leastload.", "storage.sqlite.path"})
        BOOST_TEST(manual.find("\n" + std::string(option)) != manual.npos, option);
}

BOOST_AUTO_TEST_CASE(the_page_of_apb_json_names_every_setting_with_its_property)
{
    const auto manual = page("apb.json.5");
    for (const auto& setting : app::apbJsonSettings())
        BOOST_TEST(manual.find("\n" + setting.path + "\nAs " + setting.property + ";") != manual.npos, setting.path);
}

BOOST_AUTO_TEST_CASE(pages_are_without_mistakes)
{
    for (const auto* name : {"apb-farm.8", "apb-server.8", "apb-farm.properties.5", "apb.json.5"}) {
        TempDir folder;
        ChildProcess man({"bash", "-c", "LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z \"$0\" >/dev/null",
                          made("manual/man/" + std::string(name))},
                         folder / "complaints");
        BOOST_TEST(man.wait().value_or(-1) == 0, name);
        BOOST_TEST(man.output() == "");
    }
}

BOOST_AUTO_TEST_CASE(bash_completes_options_words_and_files)
{
    BOOST_TEST(offered("apb-farm", "", "--check") == "--check-config\n");
    BOOST_TEST(offered("apb-farm", "--log-level", "WA") == "WARNING\n");
    BOOST_TEST(offered("apb-farm", "--config", "/etc/passw") .find("/etc/passwd") == 0u);
    BOOST_TEST(offered("apb-server", "--builder", "s") == "sandbox\n");
    BOOST_TEST(offered("apb-server", "--port", "") == "\n");
}

/// O4: 1.2 at most, and 1.0 with the list of addresses.
BOOST_AUTO_TEST_CASE(the_farms_unit_is_sandboxed_O4)
{
    TempDir folder;
    const auto unit = folder / "apb-farm.service";
    const auto exposure = [&](const std::string& threshold) {
        ChildProcess analyze({"systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=" + threshold, unit},
                             folder / ("output" + threshold));
        const auto code = analyze.wait();
        BOOST_TEST(analyze.output().find("Overall exposure level") != std::string::npos, analyze.output());
        return code;
    };
    std::ofstream(unit) << readFile(made("apb-farm.service"));
    BOOST_TEST((exposure("12") == 0));
    std::ofstream(unit, std::ios::app) << readFile(sourceDirectory() / "packaging/system/allowed-addresses.conf");
    BOOST_TEST((exposure("10") == 0));
}

/// The files that a package puts into /etc are accepted by the programs that read them.
BOOST_AUTO_TEST_CASE(the_packaged_settings_are_fine)
{
    const auto files = sourceDirectory() / "packaging/system";
    app::CommandLine commandLine;
    commandLine.config = (files / "apb.json").string();
    commandLine.properties = (files / "apb-farm.properties").string();
    const auto config = app::loadConfig(commandLine, {});
    BOOST_TEST(config.warnings.empty());
    BOOST_TEST(config.database.path == "/var/lib/apb-farm/farm.db");
}

BOOST_AUTO_TEST_CASE(every_file_of_the_units_is_one_that_the_packages_install)
{
    const auto farm = readFile(made("apb-farm.service")), server = readFile(made("apb-server.service"));
    for (const auto* part : {"/bin/apb-farm --config ", "/apb-farm/apb.json", "/apb-farm/apb-farm.properties",
                             "Type=notify", "WatchdogSec="})
        BOOST_TEST(farm.find(part) != farm.npos, part);
    for (const auto* part : {"/bin/apb-server ", "/default/apb-server", "Type=notify", "WatchdogSec="})
        BOOST_TEST(server.find(part) != server.npos, part);
    BOOST_TEST((farm + server).find('@' + std::string("CMAKE")) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
