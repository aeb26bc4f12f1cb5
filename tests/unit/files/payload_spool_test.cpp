// SPDX-License-Identifier: MIT
#include "files/payload_spool.h"

#include "support/temp_dir.h"
#include "util/sha256_list.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <utime.h>

#include <fstream>
#include <thread>

using namespace apbfarm;
using namespace apbfarm::files;

namespace {

struct Fixture {
    test::TempDir folder;
    PayloadSpool spool{folder / "payloads"};

    util::UniqueFd upload(const std::string& content) const
    {
        util::UniqueFd file(::open(spool.temporaryDirectory().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        BOOST_REQUIRE(file);
        BOOST_REQUIRE(::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
        return file;
    }
    std::string adopt(const std::string& content)
    {
        const auto digest = util::sha256ListHex(content);
        spool.adopt(upload(content).get(), digest);
        return digest;
    }
    std::string read(const std::string& digest) const
    {
        const auto file = spool.open(digest);
        std::string content(1000, '\0');
        const auto got = ::pread(file.get(), content.data(), content.size(), 0);
        BOOST_REQUIRE(got >= 0);
        content.resize(static_cast<std::size_t>(got));
        return content;
    }
    std::filesystem::path place(const std::string& digest) const
    {
        return folder / "payloads" / digest.substr(0, 2) / digest;
    }
    void makeOld(const std::string& digest) const
    {
        const utimbuf old{1'000'000, 1'000'000};
        BOOST_REQUIRE(::utime(place(digest).c_str(), &old) == 0);
    }
};

const Timestamp kLongAgo = fromEpoch(2'000'000);

} // namespace

BOOST_AUTO_TEST_SUITE(PayloadSpool)

BOOST_FIXTURE_TEST_CASE(an_adopted_upload_lies_under_its_digest_D1_F1, Fixture)
{
    const auto digest = adopt("tarball");
    BOOST_TEST(spool.has(digest));
    BOOST_TEST(read(digest) == "tarball");
    BOOST_TEST(util::sha256ListHex(read(digest)) == digest);
    BOOST_TEST(std::filesystem::exists(place(digest)));
}

BOOST_FIXTURE_TEST_CASE(a_restarted_spool_has_what_was_adopted_D1, Fixture)
{
    const auto digest = adopt("tarball");
    const files::PayloadSpool restarted(folder / "payloads");
    BOOST_TEST(restarted.has(digest));
}

BOOST_FIXTURE_TEST_CASE(equal_uploads_are_kept_once, Fixture)
{
    const auto digest = adopt("same");
    BOOST_TEST(adopt("same") == digest);
    BOOST_TEST(read(digest) == "same");
    struct stat info {};
    BOOST_REQUIRE(::stat(place(digest).c_str(), &info) == 0);
    BOOST_TEST(info.st_nlink == 1u);
}

BOOST_FIXTURE_TEST_CASE(equal_uploads_at_the_same_time_all_succeed, Fixture)
{
    std::vector<std::thread> uploads;
    for (int i = 0; i < 4; ++i)
        uploads.emplace_back([&] {
            for (int j = 0; j < 10; ++j) {
                const std::string content = "content " + std::to_string(j);
                const util::UniqueFd file(
                    ::open(spool.temporaryDirectory().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
                if (::write(file.get(), content.data(), content.size()) > 0)
                    spool.adopt(file.get(), util::sha256ListHex(content));
            }
        });
    for (auto& upload : uploads)
        upload.join();
    for (int j = 0; j < 10; ++j)
        BOOST_TEST(read(util::sha256ListHex("content " + std::to_string(j))) == "content " + std::to_string(j));
}

BOOST_FIXTURE_TEST_CASE(what_is_not_there_is_not_found, Fixture)
{
    const auto digest = util::sha256ListHex("never stored");
    BOOST_TEST(!spool.has(digest));
    BOOST_CHECK_THROW(spool.open(digest), NotFound);
}

BOOST_FIXTURE_TEST_CASE(links_are_not_followed_F1, Fixture)
{
    const auto digest = util::sha256ListHex("x");
    std::filesystem::create_directories(place(digest).parent_path());
    std::ofstream(folder / "secret") << "secret";
    std::filesystem::create_symlink(folder / "secret", place(digest));
    BOOST_CHECK_THROW(spool.open(digest), Unavailable);
}

BOOST_FIXTURE_TEST_CASE(only_what_is_old_is_listed_and_removed, Fixture)
{
    const auto old = adopt("old"), young = adopt("young");
    makeOld(old);
    BOOST_TEST(spool.listOlderThan(kLongAgo) == std::vector<std::string>{old}, boost::test_tools::per_element());
    spool.removeIfOlderThan(young, kLongAgo);
    spool.removeIfOlderThan(old, kLongAgo);
    BOOST_TEST(spool.has(young));
    BOOST_TEST(!spool.has(old));
}

BOOST_FIXTURE_TEST_CASE(adopting_again_makes_it_young_D3, Fixture)
{
    const auto digest = adopt("again");
    makeOld(digest);
    adopt("again");
    spool.removeIfOlderThan(digest, kLongAgo);
    BOOST_TEST(spool.has(digest));
}

BOOST_FIXTURE_TEST_CASE(remnants_of_a_crash_are_swept_and_nothing_else_X8, Fixture)
{
    const auto digest = adopt("kept");
    std::ofstream(spool.temporaryDirectory() / "remnant") << "half";
    spool.sweepTemporaries();
    BOOST_TEST(std::filesystem::is_empty(spool.temporaryDirectory()));
    BOOST_TEST(spool.has(digest));
}

BOOST_FIXTURE_TEST_CASE(folders_are_private_X8, Fixture)
{
    const auto digest = adopt("x");
    for (const auto& path : {folder / "payloads", spool.temporaryDirectory(), place(digest).parent_path()}) {
        struct stat info {};
        BOOST_REQUIRE(::stat(path.c_str(), &info) == 0);
        BOOST_TEST((info.st_mode & 0777) == 0700u, path);
    }
}

BOOST_FIXTURE_TEST_CASE(an_upload_that_cannot_be_kept_is_not_acknowledged_D9, Fixture)
{
    BOOST_CHECK_THROW(spool.adopt(-1, util::sha256ListHex("x")), Unavailable);
    BOOST_TEST(!spool.has(util::sha256ListHex("x")));
}

BOOST_AUTO_TEST_SUITE_END()
