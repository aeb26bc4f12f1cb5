// SPDX-License-Identifier: MIT
#include "service/arriving_uploads.h"

#include "package/tarball_writer.h"
#include "support/child_process.h"
#include "support/noise.h"
#include "util/sha256_list.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <thread>

using namespace apbfarm;

namespace {

/// Larger than the piece that is read at once; the data does not compress.
std::string largeTarball(const std::string& pkgbuild = "pkgname=large\npkgver=1\npkgrel=1\narch=('any')\n")
{
    return package::writeTarball({{"PKGBUILD", pkgbuild}, {"data", test::noise(600'000)}});
}

using Owned = std::shared_ptr<const std::string>;

Owned owned(std::string bytes)
{
    return std::make_shared<const std::string>(std::move(bytes));
}

util::SharedBytes piece(const Owned& whole, std::size_t at, std::size_t size)
{
    return {std::string_view(*whole).substr(at, size), whole};
}

/// What an upload is known by; nobody reads it.
constexpr int kUpload = 1000, kOther = 1001;

} // namespace

BOOST_AUTO_TEST_SUITE(ArrivingUploads)

BOOST_AUTO_TEST_CASE(an_upload_is_known_when_its_last_byte_is_there)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = owned(largeTarball());
    const auto progress = arriving.watch(kUpload);
    BOOST_REQUIRE(progress);
    for (std::size_t at = 0; at < tarball->size(); at += 100'000)
        progress(piece(tarball, at, 100'000), false);
    progress({}, true);
    const auto found = arriving.take(kUpload);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->digest == util::sha256ListHex(*tarball));
    BOOST_TEST(found->info.pkgname == "large");
}

BOOST_AUTO_TEST_CASE(lets_go_of_each_piece_when_it_was_read)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = owned(largeTarball());
    const auto progress = arriving.watch(kUpload);
    for (std::size_t at = 0; at < tarball->size(); at += 50'000) {
        progress(piece(tarball, at, 50'000), false);
        // The last one may still be in use, by both who read it.
        BOOST_TEST(test::eventually([&] { return tarball.use_count() <= 1 + 2; }));
    }
    progress({}, true);
    BOOST_TEST(arriving.take(kUpload).has_value());
    BOOST_TEST(tarball.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_damaged_upload_is_refused_as_one_that_came_at_once)
{
    service::ArrivingUploads arriving(1);
    auto tarball = largeTarball();
    tarball[tarball.size() / 2] = static_cast<char>(tarball[tarball.size() / 2] ^ 0x55);
    const auto damaged = owned(std::move(tarball));
    const auto progress = arriving.watch(kUpload);
    progress(piece(damaged, 0, damaged->size()), true);
    BOOST_CHECK_THROW(arriving.take(kUpload), InvalidInput);
}

BOOST_AUTO_TEST_CASE(what_comes_after_an_upload_was_refused_is_not_held)
{
    service::ArrivingUploads arriving(1);
    const auto rubbish = owned(std::string(300'000, 'x'));
    const auto progress = arriving.watch(kUpload);
    for (std::size_t at = 0; at < rubbish->size(); at += 1000)
        progress(piece(rubbish, at, 1000), false);
    BOOST_TEST(test::eventually([&] { return rubbish.use_count() == 1; }));
    progress(piece(rubbish, 0, 1000), true);
    BOOST_TEST(rubbish.use_count() == 1);
    BOOST_CHECK_THROW(arriving.take(kUpload), InvalidInput);
}

BOOST_AUTO_TEST_CASE(an_upload_cut_short_is_refused)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = owned(largeTarball());
    const auto progress = arriving.watch(kUpload);
    progress(piece(tarball, 0, tarball->size() - 1), true);
    BOOST_CHECK_THROW(arriving.take(kUpload), InvalidInput);
}

BOOST_AUTO_TEST_CASE(only_so_many_are_looked_at_at_once)
{
    service::ArrivingUploads arriving(1);
    const auto progress = arriving.watch(kUpload);
    BOOST_TEST(!arriving.watch(kOther));
    BOOST_TEST(!arriving.take(kOther).has_value());
}

BOOST_AUTO_TEST_CASE(an_upload_that_breaks_off_makes_room_for_the_next)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = owned(largeTarball());
    auto progress = arriving.watch(kUpload);
    progress(piece(tarball, 0, 300'000), false);
    progress = {};
    BOOST_TEST(!arriving.take(kUpload).has_value());
    // A moment later.
    for (progress = arriving.watch(kOther); !progress; progress = arriving.watch(kOther))
        std::this_thread::yield();
    progress(piece(tarball, 0, tarball->size()), true);
    BOOST_TEST(arriving.take(kOther)->info.pkgname == "large");
}

BOOST_AUTO_TEST_SUITE_END()
