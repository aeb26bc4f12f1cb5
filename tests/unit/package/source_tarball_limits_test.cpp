// SPDX-License-Identifier: MIT
#include "inspected_tarball.h"

#include "support/noise.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::package;
using namespace apbfarm::test;

namespace {

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

} // namespace

BOOST_AUTO_TEST_SUITE(SourceTarballLimits)

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

BOOST_AUTO_TEST_SUITE_END()
