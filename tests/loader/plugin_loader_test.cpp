// SPDX-License-Identifier: MIT
#include "loader/plugin_folder.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using test::has;
using test::PluginFolder;

BOOST_AUTO_TEST_SUITE(PluginLoader)

BOOST_FIXTURE_TEST_CASE(refuses_another_abi_before_calling_anything_G2, PluginFolder)
{
    install("scheduler-wrong-abi");
    const auto text = complaintAbout("scheduler-wrong-abi");
    BOOST_TEST(has(text, "scheduler-wrong-abi.so was built for plugin ABI 3, this farm has ABI " +
                             std::to_string(kPluginAbi) + ". Rebuild it against apb-farm "));
}

BOOST_FIXTURE_TEST_CASE(refuses_another_toolchain_before_calling_anything_G2, PluginFolder)
{
    install("scheduler-wrong-toolchain");
    const auto text = complaintAbout("scheduler-wrong-toolchain");
    BOOST_TEST(has(text, "scheduler-wrong-toolchain.so was built with 'libother cxx11abi=0 poco=1', this farm with '"));
    BOOST_TEST(has(text, "Rebuild it"));
}

BOOST_FIXTURE_TEST_CASE(refuses_a_plugin_under_another_name_than_its_own_G2, PluginFolder)
{
    install("scheduler-other-name");
    BOOST_TEST(has(complaintAbout("scheduler-other-name"), "Install it as scheduler-own-name.so"));
}

BOOST_FIXTURE_TEST_CASE(refuses_a_library_without_manifest, PluginFolder)
{
    install("scheduler-no-manifest");
    BOOST_TEST(has(complaintAbout("scheduler-no-manifest"), "does not export 'apb_farm_plugin'"));
}

BOOST_FIXTURE_TEST_CASE(refuses_a_manifest_of_null_pointers, PluginFolder)
{
    install("scheduler-empty-manifest");
    BOOST_TEST(has(complaintAbout("scheduler-empty-manifest"), "scheduler-empty-manifest.so was built with ''"));
}

BOOST_FIXTURE_TEST_CASE(finds_a_missing_symbol_at_start_and_names_it, PluginFolder)
{
    install("scheduler-unresolved");
    const auto text = complaintAbout("scheduler-unresolved");
    BOOST_TEST(has(text, "scheduler-unresolved.so cannot be opened"));
    BOOST_TEST(has(text, "aFunctionThatNobodyHas"));
    BOOST_TEST(!has(text, "Bad file descriptor"));
}

BOOST_FIXTURE_TEST_CASE(refuses_files_that_are_no_libraries, PluginFolder)
{
    std::ofstream(path / "scheduler-text.so") << "#!/bin/sh\necho hello\n";
    BOOST_TEST(has(complaintAbout("scheduler-text"), "scheduler-text.so is not a shared library"));
    std::ofstream(path / "scheduler-empty.so");
    BOOST_TEST(has(complaintAbout("scheduler-empty"), "is not a shared library"));
    std::ofstream(path / "scheduler-cut.so") << "\x7f"
                                                "ELF and then nothing";
    BOOST_TEST(has(complaintAbout("scheduler-cut"), "scheduler-cut.so cannot be opened"));
    std::filesystem::create_directory(path / "scheduler-folder.so");
    BOOST_TEST(has(complaintAbout("scheduler-folder"), "is not a regular file"));
    BOOST_TEST(has(complaintAbout("scheduler-nowhere"), "there is no such file in"));
}

BOOST_FIXTURE_TEST_CASE(takes_plain_names_only_G1, PluginFolder)
{
    install("scheduler-foreign-server");
    for (const std::string name :
         {"", "../plugins/scheduler-foreign-server", "/tmp/x", "scheduler-foreign-server.so", "Scheduler", "a b", "."})
        BOOST_TEST(has(complaintAbout(name), "is not a plugin name"));
    BOOST_TEST(complaintAbout("scheduler-foreign-server") == "loaded");
}

BOOST_FIXTURE_TEST_CASE(does_not_open_a_library_that_others_can_write_G1, PluginFolder)
{
    ::chmod(install("scheduler-foreign-server").c_str(), 0777);
    const auto text = complaintAbout("scheduler-foreign-server");
    BOOST_TEST(has(text, "can be written by everyone"));
    BOOST_TEST(has(text, "chmod go-w"));
}

BOOST_FIXTURE_TEST_CASE(does_not_open_a_library_below_a_folder_that_others_can_write_G1, PluginFolder)
{
    install("scheduler-foreign-server");
    ::chmod(path.c_str(), 0777);
    BOOST_TEST(has(complaintAbout("scheduler-foreign-server"), "can be written by everyone"));
}

BOOST_FIXTURE_TEST_CASE(follows_a_link_and_checks_where_it_leads_G1, PluginFolder)
{
    const auto real = install("scheduler-foreign-server");
    const auto loose = dir / "loose";
    std::filesystem::create_directory(loose);
    std::filesystem::rename(real, loose / "library.so");
    std::filesystem::create_symlink(loose / "library.so", real);
    ::chmod(loose.c_str(), 0777);
    BOOST_TEST(has(complaintAbout("scheduler-foreign-server"), "loose can be written by everyone"));
    ::chmod(loose.c_str(), 0755);
    BOOST_TEST(complaintAbout("scheduler-foreign-server") == "loaded");
}

BOOST_FIXTURE_TEST_CASE(refuses_the_same_plugin_twice, PluginFolder)
{
    install("scheduler-foreign-server");
    plugin::PluginLoader loader(path);
    loader.load("scheduler-foreign-server");
    BOOST_CHECK_THROW(loader.load("scheduler-foreign-server"), plugin::PluginError);
}

BOOST_FIXTURE_TEST_CASE(a_manifest_stays_readable_after_the_loader_is_gone_G5, PluginFolder)
{
    install("scheduler-foreign-server");
    const PluginManifest* manifest = nullptr;
    {
        plugin::PluginLoader loader(path);
        manifest = &loader.load("scheduler-foreign-server");
    }
    BOOST_TEST(std::string(manifest->name) == "scheduler-foreign-server");
    BOOST_TEST(std::string(manifest->version) == "1.0.0");
}

BOOST_FIXTURE_TEST_CASE(lists_what_is_in_the_folder_without_opening_it, PluginFolder)
{
    install("scheduler-wrong-abi");
    std::ofstream(path / "notes.txt") << "no plugin";
    std::ofstream(path / "auth-text.so") << "text";
    const std::vector<std::string> expected{"auth-text", "scheduler-wrong-abi"};
    BOOST_TEST(plugin::PluginLoader(path).available() == expected, boost::test_tools::per_element());
    BOOST_TEST(plugin::PluginLoader(path / "nowhere").available().empty());
}

BOOST_AUTO_TEST_SUITE_END()
