// SPDX-License-Identifier: MIT
#include "inspected_tarball.h"

#include "support/noise.h"
#include "support/temp_dir.h"
#include "util/unique_fd.h"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::package;
using namespace apbfarm::test;

namespace {

class BrokenSource final : public ByteSource {
public:
    explicit BrokenSource(std::string first) : first_(std::move(first)) {}
    std::string_view read() override
    {
        if (given_)
            throw Unavailable("the disk is gone");
        given_ = true;
        return first_;
    }

private:
    std::string first_;
    bool given_ = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(SourceTarball)

BOOST_AUTO_TEST_CASE(finds_pkgbuild_and_srcinfo)
{
    const auto contents =
        inspect(gzip(tarEntry({"./", "", '5'}) + tarEntry({"./PKGBUILD", kPkgbuild})
                     + tarEntry({".SRCINFO", "pkgbase = hello\n"}) + tarEntry({"src/a.patch", "abc"}) + tarEnd()));
    BOOST_TEST(contents.pkgbuild == kPkgbuild);
    BOOST_TEST(contents.srcinfo.value() == "pkgbase = hello\n");
    BOOST_TEST(contents.entries == 4u);
    BOOST_TEST(contents.unpackedBytes == kPkgbuild.size() + 16 + 3);
}

BOOST_AUTO_TEST_CASE(reads_a_file_in_pieces)
{
    TempDir folder;
    const auto packed = gzip(tarEntry({"noise", noise(900'000)}) + pkgbuildEntry() + tarEnd());
    std::ofstream(folder / "a.tar.gz", std::ios::binary) << packed;
    const util::UniqueFd file(::open((folder / "a.tar.gz").c_str(), O_RDONLY | O_CLOEXEC));
    FileSource source(file.get());
    BOOST_TEST(inspectTarball(source).pkgbuild == kPkgbuild);
}

BOOST_AUTO_TEST_CASE(the_size_of_pieces_makes_no_difference)
{
    const auto packed = gzip(tarEntry({"noise", noise(3000)}) + pkgbuildEntry() + tarEnd());
    for (const std::size_t size : {1u, 2u, 3u, 7u, 100u, 511u, 512u, 4096u}) {
        Pieces good(packed, size), zeros(packed + std::string(700, '\0'), size),
            junk(packed + std::string(10, '\0') + "x", size), twice(packed + packed, size);
        BOOST_TEST(inspectTarball(good).pkgbuild == kPkgbuild, size);
        BOOST_TEST(inspectTarball(zeros).pkgbuild == kPkgbuild, size);
        BOOST_CHECK_THROW(inspectTarball(junk), InvalidInput);
        BOOST_CHECK_THROW(inspectTarball(twice), InvalidInput);
    }
}

BOOST_AUTO_TEST_CASE(says_what_existing_clients_know)
{
    BOOST_CHECK_EXCEPTION(inspect(gzip(tarEntry({"pkg/PKGBUILD", "x"}) + tarEnd())), InvalidInput,
                          [](const auto& error) {
                              return std::string(error.what()) == "Tarball must contain a PKGBUILD file"
                                     && error.code() == "missing_pkgbuild";
                          });
    BOOST_CHECK_EXCEPTION(inspect("PK\3\4 zip"), InvalidInput, [](const auto& error) {
        return std::string(error.what()) == "Could not extract tarball: not a gzip file"
               && error.code() == "invalid_tarball";
    });
}

BOOST_AUTO_TEST_CASE(only_gzip_is_taken_X3)
{
    for (const auto& bytes : {std::string(), std::string("\x1f"), std::string("\x1f\x8b"), pkgbuildEntry() + tarEnd(),
                              std::string("PK\3\4"), std::string("7z\xbc\xaf\x27\x1c"), std::string("Rar!\x1a\7"),
                              std::string("\xfd"
                                          "7zXZ\0",
                                          6),
                              std::string("\x28\xb5\x2f\xfd"), std::string("BZh91AY&SY"), std::string("\x1f\x9d\x90"),
                              std::string(40000, 'a')})
        BOOST_TEST(refusal(bytes) == "not a gzip file");
}

BOOST_AUTO_TEST_CASE(only_tar_is_taken_inside_X3)
{
    const auto tarball = gzip(pkgbuildEntry() + tarEnd());
    BOOST_TEST(refusal(tarball) == "accepted");
    BOOST_TEST(refusal(gzip(tarball)).find("not a tar archive") != std::string::npos);
    const std::string member = "PKGBUILD/       0           0     0     644     2         `\nx\n";
    for (const auto& inner : {std::string("just text"), noise(5000), "!<arch>\n" + member, std::string("070707"),
                              std::string("#mtree\n./PKGBUILD type=file\n"), std::string("PK\3\4") + noise(100)})
        BOOST_TEST(refusal(gzip(inner)).find("not a tar archive") != std::string::npos, inner.substr(0, 10));
}

BOOST_AUTO_TEST_CASE(an_empty_archive_has_no_pkgbuild)
{
    BOOST_TEST(refusal(gzip("")) == "Tarball must contain a PKGBUILD file");
    BOOST_TEST(refusal(gzip(tarEnd())) == "Tarball must contain a PKGBUILD file");
}

BOOST_AUTO_TEST_CASE(a_cut_file_is_refused_wherever_it_is_cut_X6)
{
    const auto packed = gzip(tarEntry({"noise", noise(2000)}) + pkgbuildEntry() + tarEnd());
    for (std::size_t length = 0; length < packed.size(); ++length)
        BOOST_TEST(refusal(packed.substr(0, length)) != "accepted", length);
}

BOOST_AUTO_TEST_CASE(a_cut_archive_in_a_whole_gzip_file_is_refused_X6)
{
    const auto archive = tarEntry({"a", noise(1000)}) + pkgbuildEntry() + tarEntry({"b", noise(600)}) + tarEnd();
    const auto last = archive.size() - tarEnd().size();
    for (std::size_t length = 0; length <= archive.size(); length += 256)
        BOOST_TEST((refusal(gzip(archive.substr(0, length))) == "accepted") == (length >= last + 512), length);
}

BOOST_AUTO_TEST_CASE(every_wrong_bit_of_the_gzip_trailer_is_noticed_X6)
{
    const auto packed = gzip(pkgbuildEntry() + tarEnd());
    for (std::size_t i = packed.size() - 8; i < packed.size(); ++i) {
        auto damaged = packed;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        BOOST_TEST(refusal(damaged) != "accepted", i);
    }
}

BOOST_AUTO_TEST_CASE(damage_anywhere_is_noticed_X6)
{
    const auto packed = gzip(tarEntry({"noise", noise(2000)}) + pkgbuildEntry() + tarEnd());
    for (std::size_t i = 10; i < packed.size(); ++i) {
        auto damaged = packed;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        BOOST_TEST(refusal(damaged) != "accepted", i);
    }
}

BOOST_AUTO_TEST_CASE(nothing_but_zeros_may_follow_X6)
{
    const auto archive = pkgbuildEntry() + tarEnd();
    const auto packed = gzip(archive);
    BOOST_TEST(refusal(packed + std::string(100'000, '\0')) == "accepted");
    BOOST_TEST(refusal(packed + "x") != "accepted");
    BOOST_TEST(refusal(packed + std::string(1000, '\0') + "x") != "accepted");
    BOOST_TEST(refusal(packed + packed) != "accepted");
    BOOST_TEST(refusal(packed + gzip("")) != "accepted");
    BOOST_TEST(refusal(gzip(archive.substr(0, 512)) + gzip(archive.substr(512))) != "accepted");
    BOOST_TEST(refusal(gzip(archive + std::string(9000, '\0'))) == "accepted");
    BOOST_TEST(refusal(gzip(archive + "x")) != "accepted");
    BOOST_TEST(refusal(gzip(archive + archive)) != "accepted");
    BOOST_TEST(refusal(gzip(archive + noise(300'000))) != "accepted");
}

BOOST_AUTO_TEST_CASE(exactly_one_regular_pkgbuild_at_the_top_X6)
{
    const auto only = [](const std::string& entries) { return refusal(gzip(entries + tarEnd())); };
    BOOST_TEST(only(pkgbuildEntry() + pkgbuildEntry()).find("twice") != std::string::npos);
    BOOST_TEST(only(pkgbuildEntry() + tarEntry({"./PKGBUILD", "other"})).find("twice") != std::string::npos);
    BOOST_TEST(only(tarEntry({"PKGBUILD", "", '5'})) == "PKGBUILD is not a regular file");
    BOOST_TEST(only(tarEntry({"PKGBUILD/", "", '0'})) == "PKGBUILD is not a regular file");
    BOOST_TEST(only(tarEntry({"x", "y"}) + tarEntry({"PKGBUILD", "", '2', "x"})) == "PKGBUILD is not a regular file");
    BOOST_TEST(only(tarEntry({"x", "y"}) + tarEntry({"PKGBUILD", "", '1', "x"})) == "PKGBUILD is not a regular file");
    BOOST_TEST(only(tarEntry({"pkgbuild", "x"})) == "Tarball must contain a PKGBUILD file");
    BOOST_TEST(only(tarEntry({"a/PKGBUILD", "x"})) == "Tarball must contain a PKGBUILD file");
    BOOST_TEST(only(tarEntry({".//./PKGBUILD", "x"})) == "accepted");
}

BOOST_AUTO_TEST_CASE(what_the_source_throws_passes_through)
{
    BrokenSource early(""), late(gzip(pkgbuildEntry() + tarEnd()).substr(0, 30)),
        atEnd(gzip(pkgbuildEntry() + tarEnd()));
    BOOST_CHECK_THROW(inspectTarball(late), Unavailable);
    BOOST_CHECK_THROW(inspectTarball(atEnd), Unavailable);
    FileSource closed(-1);
    BOOST_CHECK_THROW(inspectTarball(closed), Unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
