// SPDX-License-Identifier: MIT
#include "plugin/plugin_error.h"
#include "plugin/trusted_file.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace apbfarm;
using plugin::PluginError;
namespace fs = std::filesystem;

namespace {

struct FileFixture {
    FileFixture()
    {
        fs::create_directory(folder);
        std::ofstream(file) << "content";
        ::chmod(folder.c_str(), 0755);
        ::chmod(file.c_str(), 0644);
    }
    fs::path resolved(const fs::path& path) const { return plugin::resolveTrustedFile(path, plugin::trustedOwners()); }
    std::string refusal(const fs::path& path, std::vector<uid_t> owners = plugin::trustedOwners()) const
    {
        try {
            plugin::resolveTrustedFile(path, owners);
        } catch (const PluginError& error) {
            return error.what();
        }
        return "accepted";
    }

    test::TempDir dir;
    fs::path folder = dir / "plugins";
    fs::path file = folder / "scheduler-x.so";
};

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(TrustedFile)

BOOST_FIXTURE_TEST_CASE(accepts_a_file_that_only_its_owner_can_change_G1, FileFixture)
{
    BOOST_TEST(resolved(file) == fs::canonical(file));
}

BOOST_FIXTURE_TEST_CASE(refuses_a_file_that_others_can_write_and_says_how_to_mend_it_G1, FileFixture)
{
    ::chmod(file.c_str(), 0666);
    BOOST_TEST(has(refusal(file), "can be written by everyone"));
    BOOST_TEST(has(refusal(file), "chmod go-w"));
    ::chmod(file.c_str(), 0664);
    BOOST_TEST(has(refusal(file), "can be written by its group"));
}

BOOST_FIXTURE_TEST_CASE(refuses_a_file_below_a_folder_that_others_can_write_G1, FileFixture)
{
    ::chmod(folder.c_str(), 0777);
    BOOST_TEST(has(refusal(file), folder.string() + " can be written by everyone"));
    ::chmod(folder.c_str(), 01777);
    BOOST_TEST(refusal(file) == "accepted");
}

BOOST_FIXTURE_TEST_CASE(refuses_files_of_owners_that_are_not_trusted_G1, FileFixture)
{
    BOOST_TEST(has(refusal(file, {::geteuid() + 1}), "belongs to user id"));
}

BOOST_FIXTURE_TEST_CASE(resolves_links_and_checks_both_ways_G1, FileFixture)
{
    const auto elsewhere = dir / "elsewhere";
    fs::create_directory(elsewhere);
    const auto link = folder / "scheduler-y.so";
    std::ofstream(elsewhere / "real.so") << "content";
    fs::create_symlink(elsewhere / "real.so", link);
    BOOST_TEST(resolved(link) == fs::canonical(elsewhere / "real.so"));

    ::chmod(elsewhere.c_str(), 0777);
    BOOST_TEST(has(refusal(link), "elsewhere can be written by everyone"));
    ::chmod(elsewhere.c_str(), 0755);
    ::chmod(folder.c_str(), 0777);
    BOOST_TEST(has(refusal(link), "plugins can be written by everyone"));
}

BOOST_FIXTURE_TEST_CASE(refuses_what_is_no_regular_file, FileFixture)
{
    fs::create_directory(folder / "scheduler-d.so");
    BOOST_TEST(has(refusal(folder / "scheduler-d.so"), "is not a regular file"));
    ::mkfifo((folder / "scheduler-f.so").c_str(), 0600);
    BOOST_TEST(has(refusal(folder / "scheduler-f.so"), "is not a regular file"));
}

BOOST_FIXTURE_TEST_CASE(says_what_is_missing_and_where, FileFixture)
{
    const auto text = refusal(folder / "scheduler-none.so");
    BOOST_TEST(has(text, "scheduler-none.so is not loaded: there is no such file in " + folder.string()));
    fs::create_symlink("nowhere", folder / "scheduler-dead.so");
    BOOST_TEST(has(refusal(folder / "scheduler-dead.so"), "no such file"));
}

BOOST_AUTO_TEST_SUITE_END()
