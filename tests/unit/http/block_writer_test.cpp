// SPDX-License-Identifier: MIT
#include "http/block_writer.h"

#include "http/spool_blocks.h"
#include "support/child_process.h"
#include "support/short_memory.h"
#include "support/temp_dir.h"
#include "unit/http/small_disk.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

using namespace apbfarm;
using http::SpoolBlocks;

namespace {

struct Writing {
    test::TempDir folder;
    http::WorkerPool threads{2, 100};
    std::shared_ptr<SpoolBlocks> blocks = SpoolBlocks::make();

    std::shared_ptr<http::BlockWriter> writer(const std::filesystem::path& directory)
    {
        return std::make_shared<http::BlockWriter>(http::SpoolFile(directory), 4 * SpoolBlocks::kSize, threads);
    }
    util::SharedBytes block(char fill, std::size_t size)
    {
        auto bytes = blocks->take();
        std::memset(bytes.get(), fill, size);
        return {{bytes.get(), size}, bytes};
    }
    /// Whole blocks and one that ends within a page.
    std::string someBlocks(http::BlockWriter& writer)
    {
        constexpr std::size_t kOdd = 3 * 4096 + 123;
        std::string expected;
        for (const char fill : {'a', 'b', 'c'}) {
            writer.append(block(fill, SpoolBlocks::kSize));
            expected.append(SpoolBlocks::kSize, fill);
        }
        writer.append(block('d', kOdd));
        writer.settle();
        return expected.append(kOdd, 'd');
    }
    static std::string content(int descriptor)
    {
        struct stat info {};
        ::fstat(descriptor, &info);
        std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
        const auto got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
        return got == info.st_size ? bytes : "cannot be read";
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(BlockWriter)

BOOST_FIXTURE_TEST_CASE(blocks_become_one_file_of_exactly_their_size, Writing)
{
    const auto file = writer(folder.path());
    const auto expected = someBlocks(*file);
    BOOST_TEST((content(file->descriptor()) == expected));
    BOOST_TEST(test::eventually([this] { return blocks->available() == SpoolBlocks::kCount; }));
}

// A file system in memory may not know direct writes.
BOOST_FIXTURE_TEST_CASE(writes_where_the_page_cache_cannot_be_avoided, Writing)
{
    const auto file = writer("/dev/shm");
    const auto expected = someBlocks(*file);
    BOOST_TEST((content(file->descriptor()) == expected));
}

BOOST_FIXTURE_TEST_CASE(a_write_that_failed_is_told_and_nothing_more_is_taken, Writing)
{
    const auto file = writer(folder.path());
    {
        const test::SmallDisk full(SpoolBlocks::kSize);
        file->append(block('a', SpoolBlocks::kSize));
        file->append(block('b', SpoolBlocks::kSize));
        BOOST_CHECK_THROW(file->settle(), Unavailable);
    }
    BOOST_CHECK_THROW(file->check(), Unavailable);
    BOOST_CHECK_THROW(file->append(block('c', SpoolBlocks::kSize)), Unavailable);
}

BOOST_FIXTURE_TEST_CASE(a_write_goes_on_when_nobody_waits_for_it, Writing)
{
    auto file = writer(folder.path());
    file->append(block('a', SpoolBlocks::kSize));
    file.reset();
    BOOST_TEST(test::eventually([this] { return blocks->available() == SpoolBlocks::kCount; }));
}

BOOST_FIXTURE_TEST_CASE(a_block_that_found_no_memory_is_not_waited_for, Writing)
{
    for (long at = 1;; ++at) {
        const auto file = writer(folder.path());
        auto bytes = block('a', 4096);
        if (!test::lacking(at, [&] { file->append(std::move(bytes)); }))
            break;
        const auto settled = std::make_shared<std::atomic<bool>>(false);
        std::thread([file, settled] {
            try {
                file->settle();
            } catch (const std::exception&) {
                // Told is as good as written.
            }
            *settled = true;
        }).detach();   // it may wait without end
        BOOST_TEST_REQUIRE(test::eventually([&] { return settled->load(); }), "allocation " << at);
    }
}

BOOST_AUTO_TEST_SUITE_END()
