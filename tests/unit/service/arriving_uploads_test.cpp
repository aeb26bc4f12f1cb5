// SPDX-License-Identifier: MIT
#include "service/arriving_uploads.h"

#include "package/tarball_writer.h"
#include "support/child_process.h"
#include "support/temp_dir.h"
#include "util/durable_file.h"
#include "util/secrets.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <memory>
#include <string>
#include <thread>

using namespace apbfarm;

namespace {

/// Larger than the piece that is read at once; the data does not compress.
std::string largeTarball(const std::string& pkgbuild = "pkgname=large\npkgver=1\npkgrel=1\narch=('any')\n")
{
    std::string data(600'000, '\0');
    std::uint32_t state = 12345;
    for (auto& c : data)
        c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return package::writeTarball({{"PKGBUILD", pkgbuild}, {"data", data}});
}

/// A file that is written a part at a time, like an upload.
struct Upload {
    explicit Upload(const test::TempDir& folder)
        : file(::open(folder.path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600))
    {
    }
    /// What to tell afterwards.
    util::SharedBytes write(std::string_view bytes, std::shared_ptr<const void> owner = {})
    {
        util::writeAll(file.get(), bytes);
        return {bytes, std::move(owner)};
    }
    util::UniqueFd file;
};

struct Folder {
    test::TempDir folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(ArrivingUploads)

BOOST_FIXTURE_TEST_CASE(an_upload_is_known_when_its_last_byte_is_there, Folder)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = largeTarball();
    Upload upload(folder);
    const auto progress = arriving.watch(upload.file.get());
    BOOST_REQUIRE(progress);
    for (std::size_t at = 0; at < tarball.size(); at += 100'000)
        progress(upload.write(std::string_view(tarball).substr(at, 100'000)), false);
    progress({}, true);
    const auto found = arriving.take(upload.file.get());
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->digest == util::sha256Hex(tarball));
    BOOST_TEST(found->info.pkgname == "large");
}

BOOST_FIXTURE_TEST_CASE(pieces_in_memory_and_pieces_to_read_back_give_one_upload, Folder)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = std::make_shared<const std::string>(largeTarball());
    Upload upload(folder);
    const auto progress = arriving.watch(upload.file.get());
    std::size_t at = 0;
    for (const std::size_t size : {70'000, 1'000, 80'000, 90'000, 66'000, 67'000, 68'000, 5'000, 1'000'000}) {
        const auto piece = std::string_view(*tarball).substr(at, size);
        at += piece.size();
        progress(upload.write(piece, size % 20'000 == 0 ? nullptr : tarball), false);
    }
    BOOST_REQUIRE(at == tarball->size());
    progress({}, true);
    BOOST_TEST(arriving.take(upload.file.get())->digest == util::sha256Hex(*tarball));
}

BOOST_FIXTURE_TEST_CASE(holds_few_pieces_in_memory_and_lets_go_of_them, Folder)
{
    service::ArrivingUploads arriving(1);
    const auto piece = std::make_shared<const std::string>(1 << 20, 'x');
    Upload upload(folder);
    auto progress = arriving.watch(upload.file.get());
    for (int i = 0; i < 20; ++i) {
        progress(upload.write(*piece, piece), false);
        BOOST_TEST(piece.use_count() <= 1 + 4 + 1);   // ours, those that wait, the one that is read
    }
    progress = {};
    BOOST_TEST(test::eventually([&] { return piece.use_count() == 1; }));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_upload_is_refused_as_one_that_came_at_once, Folder)
{
    service::ArrivingUploads arriving(1);
    auto tarball = largeTarball();
    tarball[tarball.size() / 2] = static_cast<char>(tarball[tarball.size() / 2] ^ 0x55);
    Upload upload(folder);
    const auto progress = arriving.watch(upload.file.get());
    progress(upload.write(tarball), true);
    BOOST_CHECK_THROW(arriving.take(upload.file.get()), InvalidInput);
}

BOOST_FIXTURE_TEST_CASE(an_upload_cut_short_is_refused, Folder)
{
    service::ArrivingUploads arriving(1);
    const auto tarball = largeTarball();
    Upload upload(folder);
    const auto progress = arriving.watch(upload.file.get());
    progress(upload.write(std::string_view(tarball).substr(0, tarball.size() - 1)), true);
    BOOST_CHECK_THROW(arriving.take(upload.file.get()), InvalidInput);
}

BOOST_FIXTURE_TEST_CASE(beyond_its_threads_nobody_looks, Folder)
{
    service::ArrivingUploads arriving(1);
    Upload slow(folder), next(folder);
    const auto progress = arriving.watch(slow.file.get());
    BOOST_TEST(!arriving.watch(next.file.get()));
    BOOST_TEST(!arriving.take(next.file.get()).has_value());
}

BOOST_FIXTURE_TEST_CASE(an_upload_that_breaks_off_frees_its_thread, Folder)
{
    service::ArrivingUploads arriving(1);
    Upload broken(folder), next(folder);
    auto progress = arriving.watch(broken.file.get());
    const auto tarball = largeTarball();
    progress(broken.write(std::string_view(tarball).substr(0, 300'000)), false);
    progress = {};
    BOOST_TEST(!arriving.take(broken.file.get()).has_value());
    // The thread is free a moment later.
    for (progress = arriving.watch(next.file.get()); !progress; progress = arriving.watch(next.file.get()))
        std::this_thread::yield();
    progress(next.write(tarball), true);
    BOOST_TEST(arriving.take(next.file.get())->info.pkgname == "large");
}

BOOST_AUTO_TEST_SUITE_END()
