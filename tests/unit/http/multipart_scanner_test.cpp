// SPDX-License-Identifier: MIT
#include "http/multipart_scanner.h"

#include "http/error_mapping.h"
#include "http/part_header.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

using namespace apbfarm::http;

namespace {

struct Parts final : PartSink {
    void beginPart(std::string_view lines) override { seen.emplace_back(lines, std::string()); }
    void partData(std::string_view bytes) override { seen.back().second += bytes; }
    void endPart() override { ++ended; }

    std::vector<std::pair<std::string, std::string>> seen;
    std::size_t ended = 0;
};

Parts scan(const std::string& body, const std::string& boundary = "xyz")
{
    Parts parts;
    MultipartScanner scanner(boundary, parts);
    scanner.feed(body);
    scanner.finish();
    return parts;
}

const std::string kHead = "Content-Disposition: form-data; name=\"a\"\r\n";

std::string onePart(const std::string& content)
{
    return "--xyz\r\n" + kHead + "\r\n" + content + "\r\n--xyz--\r\n";
}

/// Content made of the pieces that scanners stumble over.
std::string trickyContent(std::mt19937& random)
{
    static const std::string pieces[] = {"\r", "\n", "\r\n", "-", "--", "\r\n--", "\r\n--xy", "\n--xyz", "\r\n-", "z",
                                         "\r\n--xyzz", "\r\n--xyz-", "\r\r\n--xy", "--xyz--", "data", std::string(1, '\0')};
    std::string content;
    for (auto count = random() % 12; count-- > 0;)
        content += pieces[random() % std::size(pieces)];
    return content;
}

/// What stands before the first real delimiter line, found the slow way.
bool holdsDelimiterLine(const std::string& content)
{
    const auto text = "\r\n" + content + "\r\n--xyz\r\n";
    for (auto at = text.find("\r\n--xyz"); at != std::string::npos; at = text.find("\r\n--xyz", at + 1)) {
        auto end = at + 7;
        if (text.compare(end, 2, "--") == 0)
            return true;
        while (end < text.size() && (text[end] == ' ' || text[end] == '\t'))
            ++end;
        if (text.compare(end, 2, "\r\n") == 0)
            return at != text.size() - 9;
    }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(Multipart)

BOOST_AUTO_TEST_CASE(finds_what_was_put_in_however_it_is_cut_H18)
{
    const auto seed = std::random_device{}();
    BOOST_TEST_MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20000; ++round) {
        std::vector<std::string> contents;
        std::string body = random() % 3 ? "" : "preamble\r\n--xy\r\n";
        for (auto count = 1 + random() % 4; count-- > 0;) {
            auto content = trickyContent(random);
            if (holdsDelimiterLine(content))
                continue;
            body += "--xyz" + std::string(random() % 4 ? "" : " \t") + "\r\n" + kHead + "\r\n" + content + "\r\n";
            contents.push_back(std::move(content));
        }
        body += "--xyz--" + std::string(random() % 2 ? "\r\n" : "") + std::string(random() % 2 ? "epilogue" : "");

        Parts parts;
        MultipartScanner scanner("xyz", parts);
        body.insert(0, "\r\n");   // what the scanner holds at first
        for (std::size_t at = 2; at < body.size();) {
            const auto slice = std::min<std::size_t>(1 + random() % 20, body.size() - at);
            scanner.feed(std::string_view(body).substr(at, slice), random() % 2);
            at += slice;
        }
        scanner.finish();
        BOOST_REQUIRE(parts.seen.size() == contents.size());
        BOOST_REQUIRE(parts.ended == contents.size());
        for (std::size_t i = 0; i < contents.size(); ++i) {
            BOOST_REQUIRE(parts.seen[i].first == kHead);
            BOOST_REQUIRE(parts.seen[i].second == contents[i]);
        }
    }
}

BOOST_AUTO_TEST_CASE(hands_large_slices_on_whole)
{
    struct Counting final : PartSink {
        void beginPart(std::string_view) override {}
        void partData(std::string_view bytes) override { largest = std::max(largest, bytes.size()); }
        void endPart() override {}
        std::size_t largest = 0;
    } sink;
    MultipartScanner scanner("xyz", sink);
    scanner.feed("--xyz\r\n" + kHead + "\r\n");
    scanner.feed(std::string(1 << 20, 'a'));
    BOOST_TEST(sink.largest == std::size_t(1) << 20);
}

BOOST_AUTO_TEST_CASE(refuses_bad_bodies_H18)
{
    const auto line = [](std::size_t size) { return "X: " + std::string(size, 'a') + "\r\n"; };
    const std::pair<const char*, std::string> bad[] = {
        {"empty", ""},
        {"no final boundary", "--xyz\r\n" + kHead + "\r\nabc\r\n--xyz\r\n"},
        {"cut in the content", "--xyz\r\n" + kHead + "\r\nabc"},
        {"cut in the final boundary", "--xyz\r\n" + kHead + "\r\nabc\r\n--xyz-"},
        {"boundary without line end before it", "--xyz\r\n" + kHead + "\r\nabc--xyz--\r\n"},
        {"LF only", "--xyz\n" + kHead + "\nabc\n--xyz--\n"},
        {"other boundary", "--abc\r\n" + kHead + "\r\nabc\r\n--abc--\r\n"},
        {"preamble of 1 MiB", std::string(1 << 20, 'a') + "\r\n" + onePart("x")},
        {"epilogue of 5 KiB", onePart("x") + std::string(5000, 'a')},
        {"part header of more than 4 KiB", "--xyz\r\n" + line(4096) + "\r\nabc\r\n--xyz--\r\n"},
        {"endless padding", "--xyz" + std::string(100, ' ') + "\r\n" + kHead + "\r\nabc\r\n--xyz--\r\n"},
    };
    for (const auto& [name, body] : bad)
        BOOST_TEST_CONTEXT(name) { BOOST_CHECK_THROW(scan(body), ProtocolError); }
    BOOST_TEST(scan(onePart("x") + "\r\n--xyz--\r\n").seen.size() == 1u);
    BOOST_TEST(scan("--xyz\r\n" + line(4096 - 5) + "\r\nabc\r\n--xyz--").seen.size() == 1u);
}

BOOST_AUTO_TEST_CASE(refuses_bad_boundaries_H18)
{
    for (const std::string& boundary : {std::string(), std::string(71, 'a'), std::string("a\"b"), std::string("a "),
                                        std::string("a\nb"), std::string("a;b")})
        BOOST_CHECK_THROW(scan("--" + boundary + "--", boundary), ProtocolError);
    BOOST_TEST(scan("--" + std::string(70, 'a') + "--", std::string(70, 'a')).seen.empty());
    BOOST_CHECK_THROW(headerParameter("multipart/form-data; boundary=\"x", "boundary"), ProtocolError);
    BOOST_CHECK_THROW(headerParameter("multipart/form-data; boundary=x; boundary=y", "boundary"), ProtocolError);
    BOOST_TEST(headerParameter("multipart/form-data; charset=x; Boundary=\"a b\"", "boundary") == "a b");
}

BOOST_AUTO_TEST_CASE(reads_part_headers)
{
    const auto plain = parsePartHeader("content-disposition: form-data; name=\"a b\"\r\n");
    BOOST_TEST(plain.name == "a b");
    BOOST_TEST(!plain.isFile);
    const auto file = parsePartHeader("Content-Disposition: form-data; name=f; filename=\"C:\\dir\\x\\\"y.txt\"\r\n"
                                      "Content-Type: text/plain\r\nContent-Transfer-Encoding: Binary\r\n");
    BOOST_TEST(file.filename == "C:\\dir\\x\"y.txt");
    BOOST_TEST(file.isFile);
    BOOST_TEST(parsePartHeader("Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\n").isFile);
    BOOST_TEST(parsePartHeader("Content-Disposition: form-data; name=\"f\"; filename*=utf-8''na%C3%AFve\r\n").filename ==
               "na\xc3\xafve");
}

BOOST_AUTO_TEST_CASE(refuses_unclear_part_headers_H18)
{
    const std::string disposition = "Content-Disposition: form-data; ";
    const std::string bad[] = {
        "",
        "Content-Type: text/plain\r\n",
        disposition + "\r\n",
        disposition + "name=\"\"\r\n",
        disposition + "name=\"a\"; name=\"b\"\r\n",
        disposition + "name=\"a\"; NAME=\"b\"\r\n",
        disposition + "name=\"a\"; filename=\"b\"; filename*=utf-8''c\r\n",
        disposition + "name=\"a\"; filename*=latin1''c\r\n",
        disposition + "name=\"a\"; filename*=utf-8''%0A\r\n",
        disposition + "name=\"a\"; filename*=utf-8''%ff\r\n",
        disposition + "name=\"a\r\n",
        disposition + "name=\"a\"x\r\n",
        disposition + "name\r\n",
        disposition + "name=\"a\xff\"\r\n",
        disposition + "name=\"a\x01\"\r\n",
        disposition + "name=\"a\"\r\n" + disposition + "name=\"b\"\r\n",
        disposition + "name=\"a\"\r\n filename=\"b\"\r\n",
        "Content-Disposition: attachment; name=\"a\"\r\n",
        "Content-Disposition : form-data; name=\"a\"\r\n",
        disposition + "name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n",
        disposition + "name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n",
    };
    for (const auto& lines : bad)
        BOOST_TEST_CONTEXT(lines) { BOOST_CHECK_THROW(parsePartHeader(lines), ProtocolError); }
}

BOOST_AUTO_TEST_SUITE_END()
