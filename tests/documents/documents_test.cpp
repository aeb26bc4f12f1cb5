// SPDX-License-Identifier: MIT
// Tables in docs/ that name tests name tests that exist.
#include "support/child_process.h"

#include <boost/test/unit_test.hpp>

#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;
using apbfarm::test::readFile;
using apbfarm::test::sourceDirectory;

namespace {

/// "users_test/an_administrator_makes_and_lists_accounts": a file without its ending, and a case in it. The browser
/// tests are JavaScript; their cases are the sentences with "_" for what is no letter or digit.
std::set<std::string> testsOfTheProject()
{
    static const std::regex boost("(?:^|\n)BOOST_(?:AUTO|FIXTURE)_TEST_CASE\\(([A-Za-z0-9_]+)");
    static const std::regex script("(?:^|\n)\\s*(?:test|it)\\(['\"`]([^'\"`]+)['\"`]");
    static const std::regex other("[^A-Za-z0-9]+");
    std::set<std::string> tests;
    for (const auto& entry : fs::recursive_directory_iterator(sourceDirectory() / "tests")) {
        const auto name = entry.path().stem().string();
        const auto ending = entry.path().extension();
        if (entry.path().string().find("node_modules") != std::string::npos)
            continue;
        if (ending != ".cpp" && ending != ".h" && ending != ".js" && ending != ".mjs")
            continue;
        const auto text = readFile(entry.path());
        const bool cpp = ending == ".cpp" || ending == ".h";
        for (std::sregex_iterator at(text.begin(), text.end(), cpp ? boost : script), end; at != end; ++at)
            tests.insert(name + "/" + std::regex_replace((*at)[1].str(), other, "_"));
    }
    return tests;
}

std::string withoutTest(const fs::path& page, const std::set<std::string>& tests)
{
    static const std::regex named("`([a-z0-9_.]+_test/[A-Za-z0-9_]+)`");
    const auto text = readFile(page);
    BOOST_TEST_REQUIRE(!text.empty(), page);
    std::string missing;
    std::sregex_iterator at(text.begin(), text.end(), named);
    BOOST_TEST((at != std::sregex_iterator{}), "no test is named in " << page);
    for (; at != std::sregex_iterator{}; ++at)
        if (!tests.contains((*at)[1]))
            missing += (*at)[1].str() + "\n";
    return missing;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Documents)

BOOST_AUTO_TEST_CASE(every_test_that_a_document_names_exists)
{
    const auto tests = testsOfTheProject();
    for (const auto* page : {"docs/contract-coverage.md"})
        BOOST_TEST(withoutTest(sourceDirectory() / page, tests) == "", page);
}

/// A row whose last column is empty proves nothing.
BOOST_AUTO_TEST_CASE(every_row_of_the_contract_names_a_test)
{
    static const std::regex row("(?:^|\n)(\\|[^\n]*\\|)(?=\n)");
    const auto text = readFile(sourceDirectory() / "docs/contract-coverage.md");
    std::string without;
    for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at) {
        const auto line = (*at)[1].str();
        if (!line.starts_with("| ---") && !line.starts_with("| What") && line.find("_test/") == std::string::npos)
            without += line + "\n";
    }
    BOOST_TEST(without == "");
}

BOOST_AUTO_TEST_SUITE_END()
