// SPDX-License-Identifier: MIT
#include "package/source_tarball.h"

#include "tar_builder.h"

#include "support/manual_clock.h"
#include "support/temp_dir.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <clocale>
#include <fstream>
#include <functional>
#include <random>

using namespace apbfarm;
using namespace apbfarm::package;
using namespace apbfarm::test;

namespace {

const std::string kPkgbuild = "pkgname=hello\n";

std::string pkgbuildEntry()
{
    return tarEntry({"PKGBUILD", kPkgbuild});
}

TarballContents inspect(const std::string& packed, const TarballLimits& limits = {})
{
    MemorySource source(packed);
    return inspectTarball(source, limits, ManualClock());   // however slow the machine is
}

/// The refusal's sentence without the beginning that all share; "accepted" when there is none.
std::string refusal(const std::string& packed, const TarballLimits& limits = {})
{
    try {
        inspect(packed, limits);
    } catch (const InvalidInput& error) {
        const std::string what = error.what(), beginning = "Could not extract tarball: ";
        BOOST_TEST((error.code() == "invalid_tarball" || error.code() == "missing_pkgbuild"));
        return what.starts_with(beginning) ? what.substr(beginning.size()) : what;
    }
    return "accepted";
}

std::string refusalOf(const std::string& entries)
{
    return refusal(gzip(entries + pkgbuildEntry() + tarEnd()));
}

bool refusedFor(const std::string& entries, std::string_view part)
{
    const auto reason = refusalOf(entries);
    BOOST_TEST_MESSAGE(reason);
    return reason.find(part) != reason.npos;
}

std::string noise(std::size_t bytes)
{
    std::mt19937 random(1);
    std::string text(bytes, '\0');
    for (auto& c : text)
        c = static_cast<char>(random());
    return text;
}

/// The source's bytes in pieces of one size.
class Pieces final : public ByteSource {
public:
    Pieces(std::string bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}
    std::string_view read() override
    {
        // A copy each time: what was given before must not be needed any more.
        piece_ = bytes_.substr(std::min(at_, bytes_.size()), size_);
        at_ += size_;
        return piece_;
    }

private:
    std::string bytes_, piece_;
    std::size_t size_, at_ = 0;
};

/// Time passes while it is looked at, or only while the source is read.
class RunningClock final : public util::Clock {
public:
    Timestamp wall() const override { return {}; }
    util::Instant steady() const override { return util::Instant(std::chrono::milliseconds(now += step)); }
    mutable int now = 0;
    int step = 0;
};

class SlowSource final : public ByteSource {
public:
    SlowSource(std::string bytes, RunningClock& clock) : pieces_(std::move(bytes), 16), clock_(clock) {}
    std::string_view read() override
    {
        clock_.now += 10'000;
        return pieces_.read();
    }

private:
    Pieces pieces_;
    RunningClock& clock_;
};

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

BOOST_AUTO_TEST_CASE(names_stay_inside_and_are_clean_X5)
{
    for (const std::string name : {"/etc/passwd", "../x", "a/../../b", "a/../b", "..", "a\\b", "a\nb", "a\x1b[1m",
                                   "a\x7f", "\xff", "\xc0\xaf", "\xed\xa0\x80"})
        BOOST_TEST(refusalOf(tarEntry({name, "x"})) != "accepted", name);
    BOOST_TEST(refusalOf(tarEntry({"na\xc3\xafve", "x"})) == "accepted");
    BOOST_TEST(refusalOf(tarEntry({"a b", "x"})) == "accepted");
    BOOST_TEST(refusalOf(tarEntry({"...", "x"})) == "accepted");
}

BOOST_AUTO_TEST_CASE(pax_and_gnu_names_are_checked_as_well_X5)
{
    const auto pax = [](const std::string& name) {
        return tarEntry({"PaxHeader", paxRecord("path", name), 'x'}) + tarEntry({"short", "x"});
    };
    const auto gnu = [](const std::string& name) {
        return tarEntry({"././@LongLink", name + '\0', 'L'}) + tarEntry({"short", "x"});
    };
    const std::string longName = std::string(200, 'a') + "/" + std::string(200, 'b');
    for (const auto& make :
         {std::function<std::string(const std::string&)>(pax), std::function<std::string(const std::string&)>(gnu)}) {
        BOOST_TEST(refusalOf(make(longName)) == "accepted");
        BOOST_TEST(refusalOf(make("na\xc3\xafve")) == "accepted");
        for (const std::string name : {"../x", "/x", "a\nb", "\xff\xfe"})
            BOOST_TEST(refusalOf(make(name)) != "accepted", name);
        BOOST_TEST(refusalOf(make(std::string(256, 'a'))) != "accepted");
        std::string deep, long5000;
        for (int i = 0; i < 33; ++i)
            deep += "a/";
        for (int i = 0; i < 25; ++i)
            long5000 += std::string(200, 'b') + "/";
        BOOST_TEST(refusalOf(make(deep)) != "accepted");
        BOOST_TEST(refusalOf(make(deep.substr(0, 63))) == "accepted");
        BOOST_TEST(refusalOf(make(long5000)) != "accepted");
    }
    BOOST_TEST(refusalOf(pax(std::string("hidden\0PKGBUILD", 15))) != "accepted");
}

BOOST_AUTO_TEST_CASE(names_do_not_depend_on_the_locale_X5)
{
    const std::string before = std::setlocale(LC_ALL, nullptr);
    for (const char* locale : {"C", "C.UTF-8"}) {
        if (!std::setlocale(LC_ALL, locale))
            continue;
        const std::string name = "na\xc3\xafve/\xe6\x97\xa5";
        BOOST_TEST(refusalOf(tarEntry({name, "x"})) == "accepted", locale);
        BOOST_TEST(refusalOf(tarEntry({"P", paxRecord("path", name), 'x'}) + tarEntry({"a", "x"})) == "accepted",
                   locale);
        BOOST_TEST(refusalOf(tarEntry({name, "x"}) + tarEntry({"l", "", '1', name})) == "accepted", locale);
        BOOST_TEST(refusalOf(tarEntry({"l", "", '2', name})) == "accepted", locale);
        BOOST_TEST(refusalOf(tarEntry({"P", paxRecord("path", "a\xff"), 'x'}) + tarEntry({"a", "x"})) != "accepted",
                   locale);
        BOOST_TEST(refusalOf(tarEntry({"P", paxRecord("linkpath", "/" + name), 'x'}) + tarEntry({"a", "", '2', "b"}))
                       != "accepted",
                   locale);
    }
    std::setlocale(LC_ALL, before.c_str());
}

BOOST_AUTO_TEST_CASE(names_do_not_collide_X5)
{
    BOOST_TEST(refusedFor(tarEntry({"a", "x"}) + tarEntry({"./a", "y"}), "twice"));
    BOOST_TEST(refusedFor(tarEntry({"a/b", "x"}) + tarEntry({"a//b", "y"}), "twice"));
    BOOST_TEST(refusedFor(tarEntry({"a/b", "x"}) + tarEntry({"a", "y"}), "twice"));
    BOOST_TEST(refusedFor(tarEntry({"a", "x"}) + tarEntry({"a/b", "y"}), "not a folder"));
    BOOST_TEST(refusalOf(tarEntry({"a", "", '5'}) + tarEntry({"a/", "", '5'}) + tarEntry({"a/b", "x"})) == "accepted");
    BOOST_TEST(refusalOf(tarEntry({"a", "x"}) + tarEntry({"A", "y"})) == "accepted");
}

BOOST_AUTO_TEST_CASE(symbolic_links_stay_inside_X5)
{
    const auto link = [](const std::string& name, const std::string& target) {
        return tarEntry({name, "", '2', target});
    };
    for (const std::string target : {"/etc", "..", "../x", "a/../..", "x/..", "./../y", "a\nb"})
        BOOST_TEST(refusalOf(link("l", target)) != "accepted", target);
    BOOST_TEST(refusalOf(link("d/l", "../../x")) != "accepted");
    BOOST_TEST(refusalOf(link("d/l", "../x")) == "accepted");
    BOOST_TEST(refusalOf(link("l", "a/b")) == "accepted");
    BOOST_TEST(refusalOf(link("l", "l")) == "accepted");
    // What leads back through another link could start anywhere.
    BOOST_TEST(refusalOf(link("d/here", ".") + link("d/l", "here/../../x")) != "accepted");
    BOOST_TEST(refusedFor(link("l", "d") + tarEntry({"l/file", "x"}), "not a folder"));
}

BOOST_AUTO_TEST_CASE(hard_links_lead_to_earlier_files_only_X5)
{
    const auto link = [](const std::string& name, const std::string& target) {
        return tarEntry({name, "", '1', target});
    };
    const auto file = tarEntry({"f", "x"});
    BOOST_TEST(refusalOf(file + link("l", "f")) == "accepted");
    BOOST_TEST(refusalOf(file + link("l", "./f")) == "accepted");
    BOOST_TEST(refusalOf(link("l", "f") + file) != "accepted");
    BOOST_TEST(refusalOf(link("l", "l")) != "accepted");
    BOOST_TEST(refusalOf(link("l", "/etc/passwd")) != "accepted");
    BOOST_TEST(refusalOf(link("l", "../f")) != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"d", "", '5'}) + link("l", "d")) != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"s", "", '2', "f"}) + link("l", "s")) != "accepted");
}

BOOST_AUTO_TEST_CASE(devices_and_unknown_kinds_are_refused_X5)
{
    for (const char kind : {'3', '4', '6', '7', 'A', 'D', 'M', 'N', 'V', 'X', 'Z', '8', '\xff'})
        BOOST_TEST(refusalOf(tarEntry({"thing", "", kind})) != "accepted", kind);
    BOOST_TEST(refusalOf(tarEntry({"thing", "x", '\0'})) == "accepted");
}

BOOST_AUTO_TEST_CASE(sizes_are_believed_only_within_the_limits_X4)
{
    const auto sized = [](std::string field) {
        return refusal(gzip(tarEntry({"big", "x", '0', "", std::move(field)}) + pkgbuildEntry() + tarEnd()));
    };
    BOOST_TEST(sized("77777777777 ") != "accepted");
    BOOST_TEST(sized("20000000001 ").find("unpacks to more") != std::string::npos);
    BOOST_TEST(sized(std::string("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12)) != "accepted");
    BOOST_TEST(sized(std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", 12)) != "accepted");
    BOOST_TEST(sized("-0000000001 ") != "accepted");
    BOOST_TEST(sized("garbage     ") != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"PaxHeader", paxRecord("size", "9223372036854775807"), 'x'}) + tarEntry({"a", "x"}))
               != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"PaxHeader", paxRecord("size", "-1"), 'x'}) + tarEntry({"a", "x"})) != "accepted");
}

BOOST_AUTO_TEST_CASE(sparse_files_count_with_their_whole_size_X4)
{
    const auto sparse = [](const std::string& size) {
        return tarEntry({"PaxHeader",
                         paxRecord("GNU.sparse.major", "0") + paxRecord("GNU.sparse.minor", "1")
                             + paxRecord("GNU.sparse.size", size) + paxRecord("GNU.sparse.numblocks", "1")
                             + paxRecord("GNU.sparse.map", "0,1"),
                         'x'})
               + tarEntry({"a", "x"});
    };
    BOOST_TEST(refusalOf(sparse("100000")) == "accepted");
    BOOST_TEST(refusedFor(sparse("1152921504606846976"), "unpacks to more"));
}

BOOST_AUTO_TEST_CASE(limits_are_exact_X4)
{
    const auto archive = gzip(tarEntry({"a", std::string(1000, 'x')}) + tarEntry({"b", std::string(1000, 'x')})
                              + pkgbuildEntry() + tarEnd());
    TarballLimits limits;
    limits.entries = 3;
    limits.unpackedBytes = 2000 + kPkgbuild.size();
    limits.metadataFile = kPkgbuild.size();
    BOOST_TEST(refusal(archive, limits) == "accepted");
    limits.entries = 2;
    BOOST_TEST(refusal(archive, limits).find("more than 2 entries") != std::string::npos);
    limits = {};
    limits.unpackedBytes = 1999 + kPkgbuild.size();
    BOOST_TEST(refusal(archive, limits).find("unpacks to more") != std::string::npos);
    limits = {};
    limits.metadataFile = kPkgbuild.size() - 1;
    BOOST_CHECK_THROW(inspect(archive, limits), TooLarge);
}

BOOST_AUTO_TEST_CASE(bombs_are_stopped_by_their_ratio_X4)
{
    const auto zeros = gzip(tarEntry({"zeros", std::string(8 << 20, '\0')}) + pkgbuildEntry() + tarEnd());
    BOOST_TEST(refusal(zeros).find("200 times") != std::string::npos);
    const auto padding = gzip(pkgbuildEntry() + std::string(8 << 20, '\0'));
    BOOST_TEST(refusal(padding).find("200 times") != std::string::npos);
    const auto small = gzip(tarEntry({"zeros", std::string(900'000, '\0')}) + pkgbuildEntry() + tarEnd());
    BOOST_TEST(refusal(small) == "accepted");
}

BOOST_AUTO_TEST_CASE(many_entries_are_stopped_X4)
{
    std::string archive;
    for (int i = 0; i <= 10'000; ++i)
        archive += tarHeader({"f" + std::to_string(i)});
    BOOST_TEST(refusalOf(archive).find("10000 entries") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(large_headers_are_refused_X4)
{
    const auto pax = [](std::size_t size, char kind) {
        return tarEntry({"PaxHeader", paxRecord("comment", noise(size)), kind}) + tarEntry({"a", "x"});
    };
    BOOST_TEST(refusalOf(pax(60'000, 'x')) == "accepted");
    BOOST_TEST(refusalOf(pax(66'000, 'x')) != "accepted");
    BOOST_TEST(refusalOf(pax(66'000, 'g')) != "accepted");
    BOOST_TEST(refusalOf(pax(900'000, 'x')) != "accepted");
    BOOST_TEST(refusalOf(pax(3 << 20, 'x')) != "accepted");
    BOOST_TEST(refusalOf(tarEntry({"@", std::string(5000, 'a') + '\0', 'L'}) + tarEntry({"a", "x"})) != "accepted");
    std::string chain;
    for (int i = 0; i < 2000; ++i)
        chain += tarEntry({"@", "name" + std::string(1, '\0'), 'L'});
    BOOST_TEST(refusalOf(chain + tarEntry({"a", "x"})) != "accepted");
}

BOOST_AUTO_TEST_CASE(time_is_limited_but_waiting_does_not_count_X4)
{
    const auto packed = gzip(tarEntry({"noise", noise(5000)}) + pkgbuildEntry() + tarEnd());
    RunningClock clock;
    SlowSource slow(packed, clock);
    BOOST_TEST(inspectTarball(slow, {}, clock).pkgbuild == kPkgbuild);

    RunningClock busy;
    busy.step = 3000;
    MemorySource source(packed);
    BOOST_CHECK_THROW(inspectTarball(source, {}, busy), InvalidInput);
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
