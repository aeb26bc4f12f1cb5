// SPDX-License-Identifier: MIT
// What is asked of makechrootpkg; the program itself is Arch's and not here.
#include "builders.h"
#include "pacman_config.h"

#include "support/child_process.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <optional>
#include <stdexcept>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

const std::string kBase = "[options]\nArchitecture = auto\n\n[core]\nInclude = /etc/pacman.d/mirrorlist\n";
const std::string kTwo = R"([{"name":"signed","url":"https://repo.example.org/$arch","gpg_key_id":"ABCD1234"},)"
                         R"({"name":"open","url":"http://repo.example.org/x86_64","gpg_key_id":""}])";

struct ChrootFixture {
    ChrootFixture()
    {
        std::filesystem::create_directories(dir / "buildroot/root/etc");
        std::filesystem::create_directories(dir / "build/files");
        std::ofstream(dir / "buildroot/root/etc/pacman.conf") << kBase;
        settings.buildroot = dir / "buildroot";
    }

    std::vector<std::string> arguments(const std::string& repositories)
    {
        server::BuildRecord record;
        record.extraRepos = repositories;
        return server::ChrootBuilder(settings, account).prepare(workspace(), record).arguments;
    }
    const server::Workspace& workspace()
    {
        if (!workspace_)
            workspace_.emplace(server::BuildFolder{dir / "build"}, account);
        return *workspace_;
    }

    TempDir dir;
    server::Settings settings;
    server::Account account{65534, 65534, "nobody", false};

private:
    std::optional<server::Workspace> workspace_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(ChrootBuilder)

BOOST_FIXTURE_TEST_CASE(a_build_without_extra_repositories_uses_the_chroot_as_it_is, ChrootFixture)
{
    const std::vector<std::string> expected{"makechrootpkg", "-c", "-T", "-U", "nobody", "-r", settings.buildroot,
                                            "--", "--nosign", "--noconfirm", "--nocolor"};
    BOOST_TEST(arguments("[]") == expected, boost::test_tools::per_element());
    BOOST_TEST(!std::filesystem::exists(workspace().etc() / "pacman.conf"));
}

BOOST_FIXTURE_TEST_CASE(extra_repositories_come_behind_those_of_the_chroot, ChrootFixture)
{
    const auto list = arguments(kTwo);
    const auto config = workspace().etc() / "pacman.conf";
    const std::vector<std::string> expected{"-u", "-D", config.string() + ":/etc/pacman.conf", "--"};
    BOOST_TEST_REQUIRE(list.size() > 11u);
    BOOST_TEST(std::vector(list.begin() + 7, list.begin() + 11) == expected, boost::test_tools::per_element());
    BOOST_TEST(readFile(config) == kBase + "\n[signed]\nSigLevel = Required DatabaseOptional\n"
                                           "Server = https://repo.example.org/$arch\n"
                                           "\n[open]\nSigLevel = Optional TrustAll\n"
                                           "Server = http://repo.example.org/x86_64\n");
}

BOOST_AUTO_TEST_CASE(an_extra_repository_changes_nothing_of_others)
{
    for (const std::string name : {"options", "core", "local"})
        BOOST_CHECK_THROW(server::withRepositories(kBase, "[{\"name\":\"" + name + "\",\"url\":\"http://r\"}]"),
                          std::runtime_error);
    BOOST_CHECK_THROW(server::withRepositories(kBase, R"([{"name":"a","url":"http://r"},{"name":"a","url":"http://s"}])"),
                      std::runtime_error);
}

BOOST_FIXTURE_TEST_CASE(a_chroot_without_settings_fails_the_build_with_a_sentence, ChrootFixture)
{
    std::filesystem::remove(settings.buildroot / "root/etc/pacman.conf");
    BOOST_CHECK_EXCEPTION(arguments(kTwo), std::runtime_error, [](const std::exception& error) {
        return std::string(error.what()).starts_with("cannot read ");
    });
}

BOOST_AUTO_TEST_SUITE_END()
