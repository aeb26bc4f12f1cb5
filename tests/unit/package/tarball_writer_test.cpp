// SPDX-License-Identifier: MIT
#include "package/tarball_writer.h"

#include "package/source_tarball.h"

#include "support/temp_dir.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <fstream>
#include <iterator>

using namespace apbfarm;
using namespace apbfarm::package;

namespace {

std::string contentOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

util::UniqueFd opened(const std::filesystem::path& path, int flags)
{
    return util::UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
}

const std::vector<TarballFile> kFiles{{"PKGBUILD", "pkgname=hello\n"}, {"hello.sh", "echo hello\n"}, {"empty", ""}};

} // namespace

BOOST_AUTO_TEST_SUITE(TarballWriter)

BOOST_AUTO_TEST_CASE(what_it_writes_passes_the_inspection)
{
    const auto packed = writeTarball(kFiles);
    MemorySource source(packed);
    const auto contents = inspectTarball(source);
    BOOST_TEST(contents.pkgbuild == "pkgname=hello\n");
    BOOST_TEST(contents.entries == 3u);
}

BOOST_AUTO_TEST_CASE(equal_files_give_equal_bytes_X7)
{
    const auto packed = writeTarball(kFiles);
    BOOST_TEST(packed == writeTarball(kFiles));
    // The header carries no time and no name.
    BOOST_TEST(packed.substr(3, 5) == std::string(5, '\0'));
    BOOST_TEST(packed != writeTarball({kFiles[1], kFiles[0], kFiles[2]}));
}

BOOST_AUTO_TEST_CASE(files_and_memory_give_the_same_X7)
{
    test::TempDir folder;
    const std::string large(700'000, 'x');
    std::ofstream(folder / "large") << large;
    const auto input = opened(folder / "large", O_RDONLY);
    const auto output = opened(folder / "out", O_RDWR | O_CREAT);
    writeTarball({kFiles[0], {"large", {}, input.get()}}, output.get());
    BOOST_TEST((contentOf(folder / "out") == writeTarball({kFiles[0], {"large", large}})));
}

BOOST_AUTO_TEST_CASE(long_names_are_kept)
{
    const std::string name(255, 'n');
    const auto packed = writeTarball({kFiles[0], {name, "x"}});
    MemorySource source(packed);
    BOOST_TEST(inspectTarball(source).entries == 2u);
}

BOOST_AUTO_TEST_CASE(bad_and_repeated_names_are_refused_X7)
{
    for (const std::string name :
         {"", ".hidden", "-x", "..", "a/b", "/a", "a b", "a\nb", "a\\b", "\xc3\xa9", "a%b", "a;b", "<b>"})
        BOOST_CHECK_THROW(checkSourceName(name), InvalidInput);
    BOOST_CHECK_THROW(checkSourceName(std::string(256, 'a')), InvalidInput);
    BOOST_CHECK_THROW(checkSourceName(std::string("a\0b", 3)), InvalidInput);
    for (const std::string name : {"PKGBUILD", "a", "0001-fix.patch", "lib@2:1.0+x_y", "@a", "_", "+"})
        BOOST_CHECK_NO_THROW(checkSourceName(name));
    BOOST_CHECK_THROW(writeTarball({kFiles[0], kFiles[1], kFiles[1]}), InvalidInput);
    BOOST_CHECK_THROW(writeTarball({kFiles[0], {"../x", "y"}}), InvalidInput);
}

BOOST_AUTO_TEST_CASE(there_must_be_a_pkgbuild)
{
    BOOST_CHECK_EXCEPTION(writeTarball({kFiles[1]}), InvalidInput,
                          [](const auto& error) { return error.code() == "missing_pkgbuild"; });
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_and_a_full_disk_are_reported_D10)
{
    BOOST_CHECK_THROW(writeTarball({kFiles[0], {"x", {}, 1 << 20}}), Unavailable);
    if (const auto full = opened("/dev/full", O_WRONLY))
        BOOST_CHECK_THROW(writeTarball(kFiles, full.get()), StorageFull);
}

BOOST_AUTO_TEST_SUITE_END()
