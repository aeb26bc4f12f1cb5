// SPDX-License-Identifier: MIT
#include "package/folder_archive.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::test;
namespace fs = std::filesystem;

namespace {

/// Writes an archive with one entry of that name and kind.
void hostile(const fs::path& file, const std::string& name, const std::string& kind)
{
    const TempDir folder;
    ChildProcess python({"python3", "-c",
                         "import io, sys, tarfile\n"
                         "t = tarfile.open(sys.argv[1], 'w')\n"
                         "e = tarfile.TarInfo(sys.argv[2])\n"
                         "e.type = getattr(tarfile, sys.argv[3])\n"
                         "e.linkname = '/etc/passwd'\n"
                         "e.size = 4 if e.isfile() else 0\n"
                         "t.addfile(e, io.BytesIO(b'evil'))\n"
                         "t.close()\n",
                         file, name, kind},
                        folder / "output");
    BOOST_TEST_REQUIRE(python.wait().value_or(-1) == 0, python.output());
}

} // namespace

BOOST_AUTO_TEST_SUITE(FolderArchive)

BOOST_AUTO_TEST_CASE(what_was_packed_comes_out_again_in_every_form)
{
    const TempDir folder;
    fs::create_directories(folder / "in/a/b");
    std::ofstream(folder / "in/a/b/large") << std::string(700'000, 'x') << "end";
    std::ofstream(folder / "in/empty");
    for (const std::string form : {".tar", ".tar.gz", ".tar.zst"}) {
        const auto file = folder / ("packed" + form), out = folder / ("out" + form);
        BOOST_TEST(package::isArchiveName(file));
        package::packFolder(folder / "in", {"a/b/large", "empty"}, file);
        fs::create_directory(out);
        package::unpackFolder(file, out);
        BOOST_TEST(readFile(out / "a/b/large") == readFile(folder / "in/a/b/large"));
        BOOST_TEST(fs::file_size(out / "empty") == 0u);
        BOOST_TEST(((fs::status(file).permissions() & fs::perms(077)) == fs::perms::none));
    }
    BOOST_TEST(!package::isArchiveName("folder"));
}

BOOST_AUTO_TEST_CASE(an_archive_that_leads_out_of_its_folder_is_refused_X5)
{
    const TempDir folder;
    fs::create_directories(folder / "deep/out");
    for (const auto& [name, kind] : std::vector<std::pair<std::string, std::string>>{
             {"../evil", "REGTYPE"}, {"a/../../evil", "REGTYPE"}, {(folder / "evil").string(), "REGTYPE"},
             {"evil", "SYMTYPE"}, {"evil", "LNKTYPE"}, {"evil", "FIFOTYPE"}, {"evil", "DIRTYPE"}}) {
        fs::remove(folder / "hostile.tar");
        hostile(folder / "hostile.tar", name, kind);
        BOOST_CHECK_THROW(package::unpackFolder(folder / "hostile.tar", folder / "deep/out"), InvalidInput);
        BOOST_TEST(!fs::exists(folder / "evil"), name);
        BOOST_TEST(!fs::exists(folder / "deep/evil"), name);
        BOOST_TEST(!fs::exists(fs::symlink_status(folder / "deep/out/evil")), name);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_archive_and_what_is_cut_are_refused)
{
    const TempDir folder;
    fs::create_directory(folder / "out");
    std::ofstream(folder / "text.tar") << "just words, many of them: " << std::string(2000, 'w');
    BOOST_CHECK_THROW(package::unpackFolder(folder / "text.tar", folder / "out"), InvalidInput);
    std::ofstream(folder / "large") << std::string(100'000, 'x');
    package::packFolder(folder.path(), {"large"}, folder / "cut.tar");
    fs::resize_file(folder / "cut.tar", 50'000);
    BOOST_CHECK_THROW(package::unpackFolder(folder / "cut.tar", folder / "out"), InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
