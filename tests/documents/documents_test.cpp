// SPDX-License-Identifier: MIT
// Tables in docs/ that name tests name tests that exist; quoted files are what they quote.
#include "support/child_process.h"
#include "support/documents.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;
using apbfarm::test::readFile;
using apbfarm::test::sourceDirectory;

namespace {

/// "prove/crash" for each proof of the catalogue.
std::set<std::string> proofsOfTheProject()
{
    static const std::regex proof("\n +\\{\"([a-z]+)\",");
    const auto catalogue = readFile(sourceDirectory() / "tests/proofs/catalogue.cpp");
    std::set<std::string> proofs;
    for (std::sregex_iterator at(catalogue.begin(), catalogue.end(), proof), end; at != end; ++at)
        proofs.insert("prove/" + (*at)[1].str());
    return proofs;
}

/// "users_test/an_administrator_makes_and_lists_accounts": a file without its ending, and a case in it. The browser
/// tests are JavaScript; their cases are the sentences with "_" for what is no letter or digit.
std::set<std::string> testsOfTheProject()
{
    static const std::regex boost("(?:^|\n)BOOST_(?:AUTO|FIXTURE)_TEST_CASE\\(([A-Za-z0-9_]+)");
    static const std::regex script("(?:^|\n)\\s*(?:test|it)\\(['\"`]([^'\"`]+)['\"`]");
    static const std::regex other("[^A-Za-z0-9]+");
    auto tests = proofsOfTheProject();
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
    static const std::regex named("`((?:[a-z0-9_.]+_test|prove)/[A-Za-z0-9_]+)`");
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

/// The rules of docs/security.md: "D13" to what its row says, of the last table or of all before it.
std::map<std::string, std::string> securityRules(bool unproven)
{
    static const std::regex row("(?:^|\n)\\| ([A-Z][0-9]{1,2}) \\| ([^\n]+) \\|(?=\n)");
    const auto page = readFile(sourceDirectory() / "docs/security.md");
    const auto border = page.find("## Not proven yet");
    BOOST_TEST_REQUIRE(border != page.npos);
    const auto text = unproven ? page.substr(border) : page.substr(0, border);
    std::map<std::string, std::string> rules;
    for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at)
        BOOST_TEST(rules.emplace((*at)[1], (*at)[2]).second, (*at)[1] << " is there twice");
    return rules;
}

/// How many rules of each kind there are: durability, SQL, life of a build, HTTP, ...
const std::map<char, int> kRules{{'D', 14}, {'S', 6}, {'L', 13}, {'H', 25}, {'U', 13}, {'Z', 6}, {'W', 7}, {'X', 8},
                                 {'K', 5},  {'V', 8}, {'F', 4},  {'M', 5},  {'C', 3},  {'G', 5}, {'O', 5}, {'I', 3}};

/// Of "u5" and "X1" in "X1_an_upload" and "the_sixth_try_u5".
std::set<std::string> rulesIn(const std::string& test)
{
    static const std::regex rule("(?:^|[_/])([A-Za-z][0-9]{1,2})(?=_|$)");
    std::set<std::string> rules;
    for (std::sregex_iterator at(test.begin(), test.end(), rule), end; at != end; ++at) {
        auto id = (*at)[1].str();
        id[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(id[0])));
        if (kRules.contains(id[0]))
            rules.insert(id);
    }
    return rules;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Documents)

BOOST_AUTO_TEST_CASE(every_test_that_a_document_names_exists)
{
    const auto tests = testsOfTheProject();
    for (const auto* page : {"docs/contract-coverage.md", "docs/security.md", "docs/writing-a-plugin.md"})
        BOOST_TEST(withoutTest(sourceDirectory() / page, tests) == "", page);
}

BOOST_AUTO_TEST_CASE(the_page_about_plugins_quotes_every_file_of_the_project_that_is_built_from_it)
{
    const auto project = sourceDirectory() / "tests/out-of-tree";
    std::set<std::string> quoted, there;
    for (const auto& file : apbfarm::test::quotedFilesOf(sourceDirectory() / "docs/writing-a-plugin.md")) {
        BOOST_TEST((file.content == readFile(project / file.name)), file.name << " is quoted wrongly");
        quoted.insert(file.name);
    }
    for (const auto& entry : fs::recursive_directory_iterator(project))
        if (entry.is_regular_file())
            there.insert(fs::relative(entry.path(), project).string());
    BOOST_TEST(quoted == there, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_page_about_the_architecture_names_every_folder)
{
    const auto page = readFile(sourceDirectory() / "docs/architecture.md");
    const auto table = page.substr(0, page.find("## Layers"));
    for (const std::string parent : {"core", "core/src", "tests", "tests/proofs"})
        for (const auto& entry : fs::directory_iterator(sourceDirectory() / parent)) {
            const auto name = entry.path().filename().string();
            const bool isSource = entry.is_directory() || (parent == "core/src" && name == "main.cpp");
            if (isSource && name != "__pycache__")
                BOOST_TEST((table.find("/" + name) != table.npos || table.find("`" + name + "`") != table.npos),
                           parent << "/" << name << " is in no row");
        }
}

/// A row whose last column is empty proves nothing.
BOOST_AUTO_TEST_CASE(every_row_of_the_contract_names_a_test)
{
    static const std::regex row("(?:^|\n)(\\|[^\n]*\\|)(?=\n)");
    const auto text = readFile(sourceDirectory() / "docs/contract-coverage.md");
    std::string without;
    for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at) {
        const auto line = (*at)[1].str();
        if (!line.starts_with("| ---") && !line.starts_with("| What") && line.find("_test/") == std::string::npos &&
            line.find("`prove/") == std::string::npos)
            without += line + "\n";
    }
    BOOST_TEST(without == "");
}

BOOST_AUTO_TEST_CASE(every_security_rule_is_proven_or_said_not_to_be)
{
    const auto proven = securityRules(false), unproven = securityRules(true);
    for (const auto& [letter, count] : kRules)
        for (int number = 1; number <= count; ++number) {
            const auto id = letter + std::to_string(number);
            BOOST_TEST((proven.contains(id) || unproven.contains(id)), id << " is not in docs/security.md");
        }
    for (const auto& [id, row] : proven)
        BOOST_TEST((row.find("_test/") != row.npos || row.find("`prove/") != row.npos), id << " names no test");
}

BOOST_AUTO_TEST_CASE(every_security_rule_that_a_test_names_counts_as_proven)
{
    const auto proven = securityRules(false);
    std::size_t seen = 0;
    for (const auto& test : testsOfTheProject())
        for (const auto& id : rulesIn(test)) {
            ++seen;
            BOOST_TEST(proven.contains(id), test << " names " << id);
        }
    BOOST_TEST(seen > 300u);
}

// What `tests/prove --without` does first; whether the proof then fails is in docs/evidence.
BOOST_AUTO_TEST_CASE(every_rule_that_a_proof_is_tried_without_can_be_switched_off_in_these_sources)
{
    const apbfarm::test::TempDir folder;
    std::size_t seen = 0;
    for (const auto& change : fs::directory_iterator(sourceDirectory() / "tests/proofs/broken")) {
        if (change.path().extension() != ".patch")
            continue;
        ++seen;
        apbfarm::test::ChildProcess patch({"patch", "--dry-run", "--batch", "--forward", "--reject-file=-", "--strip=1",
                                           "--directory=" + sourceDirectory().string(), "--input=" + change.path().string()},
                                          folder.path() / "output");
        BOOST_TEST((patch.wait() == 0), change.path() << ": " << patch.output());
    }
    BOOST_TEST(seen > 15u);
}

BOOST_AUTO_TEST_SUITE_END()
