// SPDX-License-Identifier: MIT
#include "http/chunked_decoder.h"

#include "http/error_mapping.h"
#include "support/noise.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

using namespace apbfarm::http;

namespace {

std::string hex(std::size_t number)
{
    char text[20];
    std::snprintf(text, sizeof text, "%zx", number);
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ChunkedDecoding)

BOOST_AUTO_TEST_CASE(gives_back_the_content_however_it_is_cut_H9)
{
    const auto seed = std::random_device{}();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        std::string content, wire;
        for (auto chunks = random() % 5; chunks-- > 0;) {
            const auto piece = apbfarm::test::noise(1 + random() % 300, random);
            content += piece;
            wire += hex(piece.size()) + (random() % 2 ? ";x=\"y\"" : "") + "\r\n" + piece + "\r\n";
        }
        wire += random() % 2 ? "0\r\n\r\n" : "0;e\r\nA: b\r\nC: d\r\n\r\n";
        const auto whole = wire.size();
        wire += "GET / next";

        ChunkedDecoder decoder;
        std::string got;
        std::size_t at = 0;
        while (!decoder.isDone()) {
            const auto slice = std::min<std::size_t>(1 + random() % 40, wire.size() - at);
            at += decoder.feed(std::string_view(wire).substr(at, slice), [&](std::string_view s) { got += s; });
        }
        BOOST_REQUIRE(at == whole);
        BOOST_REQUIRE(got == content);
    }
}

BOOST_AUTO_TEST_CASE(line_ends_of_trailers_are_whole_H4_H9)
{
    for (const auto* wire : {"0\r\nA: b\r\r\n\r\n", "0\r\nA: b\r\r", "0\r\nA: b\rC: d\r\n\r\n", "0\r\n\r\r\n"}) {
        ChunkedDecoder decoder;
        BOOST_CHECK_THROW(decoder.feed(wire, [](std::string_view) {}), ProtocolError);
    }
}

BOOST_AUTO_TEST_CASE(tells_how_much_of_a_chunk_is_missing)
{
    ChunkedDecoder decoder;
    decoder.feed("1000\r\nabc", [](std::string_view) {});
    BOOST_TEST(decoder.remainingOfChunk() == 0x1000u - 3);
    BOOST_TEST(!decoder.isDone());
}

BOOST_AUTO_TEST_SUITE_END()
