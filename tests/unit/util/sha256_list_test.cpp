// SPDX-License-Identifier: MIT
#include "support/child_process.h"
#include "support/noise.h"
#include "support/temp_dir.h"
#include "util/sha256_list.h"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace apbfarm;
using test::noise;
using util::sha256ListHex;

namespace {

constexpr std::size_t kPiece = util::Sha256List::kPiece;

/// Of the sums of all pieces, made one after the other.
std::string plainly(std::string_view bytes)
{
    std::string sums;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size()))) {
        util::Sha256 piece;
        piece.update(bytes.substr(0, kPiece));
        const auto sum = piece.sum();
        sums.append(sum.data(), sum.size());
    }
    return util::sha256Hex(sums);
}

} // namespace

BOOST_AUTO_TEST_SUITE(Sha256List)

BOOST_AUTO_TEST_CASE(a_shell_makes_the_same_of_a_file)
{
    const test::TempDir folder;
    for (const std::size_t size : {0, 100, 4096, 70'000, 300'001}) {
        const auto bytes = noise(size);
        std::ofstream(folder / "file", std::ios::binary) << bytes;
        test::ChildProcess shell({"sh", "-c", "split -b 4096 --filter='openssl dgst -sha256 -binary' \"$0\" | sha256sum",
                                  folder / "file"}, folder / std::to_string(size));
        BOOST_TEST_REQUIRE(shell.wait().value_or(-1) == 0, shell.output());
        BOOST_TEST(shell.output() == sha256ListHex(bytes) + "  -\n");
    }
}

BOOST_AUTO_TEST_CASE(pieces_side_by_side_have_the_sums_that_they_have_alone)
{
    for (const std::size_t size : {kPiece * 16, std::size_t(1) << 20, (std::size_t(1) << 20) + kPiece * 16, (std::size_t(3) << 20) + kPiece * 17 + 5}) {
        const auto bytes = noise(size);
        BOOST_TEST(sha256ListHex(bytes) == plainly(bytes), size);
    }
}

BOOST_AUTO_TEST_CASE(it_does_not_matter_how_the_bytes_come)
{
    const auto bytes = noise((4 << 20) + 12'345);
    const auto expected = plainly(bytes);
    for (const std::size_t step : {std::size_t(1000), kPiece, kPiece + 1, std::size_t(65'536), std::size_t(65'537), std::size_t(200'000), std::size_t(2) << 20}) {
        util::Sha256List list;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            list.update(std::string_view(bytes).substr(at, step));
        BOOST_TEST(list.hex() == expected, step);
    }
}

BOOST_AUTO_TEST_CASE(one_bit_anywhere_makes_another_digest)
{
    auto bytes = noise(2 << 20);
    const auto before = sha256ListHex(bytes);
    for (const std::size_t at : {std::size_t(0), kPiece, bytes.size() / 2 + 77, bytes.size() - 1}) {
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        BOOST_TEST(sha256ListHex(bytes) != before, at);
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()
