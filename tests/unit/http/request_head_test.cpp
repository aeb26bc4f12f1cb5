// SPDX-License-Identifier: MIT
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

struct BadRequest {
    std::string name, bytes;
    int status;
};

std::string get(const std::string& target, const std::string& fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: farm\r\n" + fields + "\r\n";
}

std::string withField(const std::string& field)
{
    return get("/echo", field + "\r\n");
}

std::string post(const std::string& fields, const std::string& body = {})
{
    return "POST /echo HTTP/1.1\r\nHost: farm\r\nContent-Type: application/json\r\n" + fields + "\r\n" + body;
}

std::string withHost(const std::string& host)
{
    return "GET /echo HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

std::string manyFields(int count)
{
    std::string fields;
    for (int i = 0; i < count; ++i)
        fields += "X-" + std::to_string(i) + ": 1\r\n";
    return fields;
}

const std::string kNul(1, '\0');

std::vector<BadRequest> badRequestLines()
{
    return {
        {"only line ends", "\r\n\r\n", 400},
        {"line end first", "\r\n" + get("/echo"), 400},
        {"LF only", "GET /echo HTTP/1.1\nHost: farm\n\n", 400},
        {"CR only", "GET /echo HTTP/1.1\rHost: farm\r\r", 400},
        {"CR CR LF", "GET /echo HTTP/1.1\r\r\nHost: farm\r\n\r\n", 400},
        {"leading space", " " + get("/echo"), 400},
        {"tab between parts", "GET\t/echo HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"two spaces", "GET  /echo HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"trailing space", "GET /echo HTTP/1.1 \r\nHost: farm\r\n\r\n", 400},
        {"NUL in the method", "G" + kNul + "T /echo HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"NUL in the target", "GET /e" + kNul + "ho HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"lower-case method", "get /echo HTTP/1.1\r\nHost: farm\r\n\r\n", 501},
        {"33-character method", std::string(33, 'G') + " /echo HTTP/1.1\r\nHost: farm\r\n\r\n", 501},
        {"unknown method", "BREW /echo HTTP/1.1\r\nHost: farm\r\n\r\n", 501},
        {"method with a bracket", "G(T /echo HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"no version", "GET /echo\r\nHost: farm\r\n\r\n", 400},
        {"HTTP/0.9", "GET /echo HTTP/0.9\r\nHost: farm\r\n\r\n", 505},
        {"HTTP/1.10", "GET /echo HTTP/1.10\r\nHost: farm\r\n\r\n", 400},
        {"HTTP/2.0", "GET /echo HTTP/2.0\r\nHost: farm\r\n\r\n", 505},
        {"http/1.1", "GET /echo http/1.1\r\nHost: farm\r\n\r\n", 400},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"TLS hello", "\x16\x03\x01\x02" + kNul + "\x01\xfc\x03\x03", 400},
        {"absolute form", get("http://host/echo"), 400},
        {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"authority form", "CONNECT farm:80 HTTP/1.1\r\nHost: farm\r\n\r\n", 400},
        {"request line of 8 KiB + 1", "GET /" + std::string(8193 - 14, 'a') + " HTTP/1.1\r\nHost: farm\r\n\r\n", 414},
        {"endless request line", "GET /" + std::string(20000, 'a'), 414},
        {"fragment", get("/echo#x"), 400},
        {"8-bit bytes", get("/ech\xc3\xb6"), 400},
    };
}

std::vector<BadRequest> badFields()
{
    return {
        {"no Host", "GET /echo HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", withField("Host: farm"), 400},
        {"empty Host", withHost(""), 400},
        {"Host with path", withHost("farm/x"), 400},
        {"Host with user", withHost("me@farm"), 400},
        {"Host with spaces", withHost("fa rm"), 400},
        {"Host [::1", withHost("[::1"), 400},
        {"Host port 0", withHost("farm:0"), 400},
        {"Host port 65536", withHost("farm:65536"), 400},
        {"Host port abc", withHost("farm:abc"), 400},
        {"Host without port digits", withHost("farm:"), 400},
        {"no name", withField(": x"), 400},
        {"no colon", withField("Xyz"), 400},
        {"name with space", withField("X y: z"), 400},
        {"name with bracket", withField("X(y: z"), 400},
        {"space before colon", withField("Content-Length : 5"), 400},
        {"tab before colon", withField("X-A\t: 5"), 400},
        {"folded line", withField("X-A: 1\r\n 2"), 400},
        {"folded first line", "GET /echo HTTP/1.1\r\n Host: farm\r\n\r\n", 400},
        {"101 fields", get("/echo", manyFields(100)), 431},
        {"value of 8 KiB + 1", withField("X-A: " + std::string(8193, 'a')), 431},
        {"fields of more than 32 KiB", withField("A: " + std::string(8000, 'a') + "\r\nB: " + std::string(8000, 'b') +
                                                 "\r\nC: " + std::string(8000, 'c') + "\r\nD: " + std::string(8000, 'd') +
                                                 "\r\nE: " + std::string(1000, 'e')), 431},
        {"endless fields", "GET /echo HTTP/1.1\r\nHost: farm\r\nA: " + std::string(40000, 'a'), 431},
        {"DEL in a value", withField("X-A: a\x7f"), 400},
        {"ESC in a value", withField("X-A: a\x1b[0m"), 400},
        {"NUL in a value", withField("X-A: a" + kNul + "b"), 400},
        {"bare CR in a value", withField("X-A: a\rb"), 400},
        {"bare LF in a value", withField("X-A: a\nX-B: b"), 400},
        {"Authorization twice", withField("Authorization: Bearer user\r\nAuthorization: Bearer admin"), 400},
        {"Cookie twice", withField("Cookie: a=1\r\nCookie: a=2"), 400},
        {"unknown expectation", post("Expect: tea\r\nContent-Length: 2\r\n", "{}"), 417},
    };
}

std::vector<BadRequest> badFraming()
{
    const auto chunked = [](const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); };
    const auto coding = [](const std::string& value) { return post("Transfer-Encoding:" + value + "\r\n", "0\r\n\r\n"); };
    const auto length = [](const std::string& value) { return post("Content-Length: " + value + "\r\n", "{}"); };
    return {
        {"length and coding", post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "{}"), 400},
        {"coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "{}"), 400},
        {"length twice, equal", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400},
        {"length twice, different", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400},
        {"length list", length("2, 2"), 400},
        {"length +2", length("+2"), 400},
        {"length -1", length("-1"), 400},
        {"length 0x2", length("0x2"), 400},
        {"length 2.0", length("2.0"), 400},
        {"length 2^63", length("9223372036854775808"), 413},
        {"length 2^64", length("18446744073709551616"), 400},
        {"empty length", length(""), 400},
        {"tab before the length", post("Content-Length:\t2\r\n", "{}"), 400},
        {"chunked, chunked", coding(" chunked, chunked"), 501},
        {"gzip, chunked", coding(" gzip, chunked"), 501},
        {"xchunked", coding(" xchunked"), 501},
        {"chunked;q=1", coding(" chunked;q=1"), 501},
        {"quoted coding", coding(" \"chunked\""), 501},
        {"tab before the coding", coding("\tchunked"), 501},
        {"vertical tab before the coding", coding("\vchunked"), 400},
        {"identity", coding(" identity"), 501},
        {"coding twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501},
        {"coding on 1.0", "POST /echo HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"coding with LF", coding(" chunked\n x"), 400},
        {"chunk size -1", chunked("-1\r\n{}\r\n0\r\n\r\n"), 400},
        {"chunk size +2", chunked("+2\r\n{}\r\n0\r\n\r\n"), 400},
        {"chunk size 0x2", chunked("0x2\r\n{}\r\n0\r\n\r\n"), 400},
        {"chunk size of 9 digits", chunked("000000002\r\n{}\r\n0\r\n\r\n"), 400},
        {"chunk size of 20 zeros", chunked(std::string(20, '0') + "\r\n\r\n"), 400},
        {"chunk size with space", chunked("2 \r\n{}\r\n0\r\n\r\n"), 400},
        {"chunk size space first", chunked(" 2\r\n{}\r\n0\r\n\r\n"), 400},
        {"chunk size empty", chunked(";\r\n{}\r\n0\r\n\r\n"), 400},
        {"no line end after the chunk", chunked("2\r\n{}0\r\n\r\n"), 400},
        {"LF after the size", chunked("2\n{}\r\n0\r\n\r\n"), 400},
        {"LF after the chunk", chunked("2\r\n{}\n0\r\n\r\n"), 400},
        {"extension of 1 MiB", chunked("2;" + std::string(1 << 20, 'x') + "\r\n{}\r\n0\r\n\r\n"), 400},
        {"trailers of 16 KiB", chunked("2\r\n{}\r\n0\r\nX: " + std::string(16 << 10, 'x') + "\r\n\r\n"), 400},
        {"chunk beyond the limit", chunked("ffffffff\r\n"), 413},
        {"body beyond the limit", post("Content-Length: 65537\r\n"), 413},
        {"no content type", "POST /echo HTTP/1.1\r\nHost: farm\r\nContent-Length: 2\r\n\r\n{}", 415},
        {"another content type", "POST /echo HTTP/1.1\r\nHost: farm\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415},
        {"another charset", "POST /echo HTTP/1.1\r\nHost: farm\r\nContent-Type: application/json; charset=latin1\r\n"
                            "Content-Length: 2\r\n\r\n{}", 415},
    };
}

std::vector<BadRequest> badTargets()
{
    std::string pairs = "/echo?a0=1";
    for (int i = 1; i <= 64; ++i)
        pairs += "&a" + std::to_string(i) + "=1";
    return {
        {"..", get("/item/.."), 400},
        {"/./", get("/./echo"), 400},
        {"%2e%2E", get("/item/%2e%2E"), 400},
        {"%252e", get("/item/%252e%252e/x"), 404},
        {"%c0%ae", get("/item/%c0%ae"), 400},
        {"%uff0e", get("/item/%uff0e"), 400},
        {"encoded NUL", get("/item/.%00."), 400},
        {"backslash", get("/item/..\\"), 400},
        {"encoded backslash", get("/item/a%5cb"), 400},
        {"encoded slash", get("/item/a%2fb"), 400},
        {"encoded newline", get("/item/a%0ab"), 400},
        {"//", get("//echo"), 400},
        {"overlong", get("/item/%e0%80%80"), 400},
        {"truncated UTF-8", get("/item/%e2%82"), 400},
        {"surrogate", get("/item/%ed%a0%80"), 400},
        {"4,000 segments", get("/" + [] { std::string s; for (int i = 0; i < 4000; ++i) s += "a/"; return s; }() + "a"), 404},
        {"trailing slash", get("/echo/"), 404},
        {"trailing dot", get("/echo."), 404},
        {"suffix .json", get("/echo.json"), 404},
        {"suffix ;.css", get("/echo;.css"), 404},
        {"encoded trailing space", get("/echo%20"), 404},
        {"other case", get("/Echo"), 404},
        {"one segment more", get("/echo/x"), 404},
        {"parameter twice", get("/echo?a=1&a=2"), 400},
        {"parameter twice, once encoded", get("/echo?a=1&%61=2"), 400},
        {"65 pairs", get(pairs), 400},
        {"lone %", get("/item/%"), 400},
        {"%G1", get("/item/%G1"), 400},
        {"%1 at the end of the query", get("/echo?a=%1"), 400},
        {"encoded NUL in the query", get("/echo?a=%00"), 400},
    };
}

/// Each is refused as the table says, and a request glued behind it never runs (H12).
struct Corpus : ServerFixture {
    Corpus()
    {
        addEcho();
        router.add({Method::Get, "/glued", Access::Guest,
                    [this](const HttpRequest&, HttpResponse& response) {
                        ++glued;
                        response.send(200, "text/plain", "glued");
                    },
                    BodyKind::None, RunsOn::Loop});
        start();
    }
    void checkAll(const std::vector<BadRequest>& table)
    {
        for (const auto& bad : table) {
            BOOST_TEST_CONTEXT(bad.name) {
                auto connection = client();
                const auto answer = connection.ask(bad.bytes + get("/glued"));
                BOOST_TEST(answer.status == bad.status);
                BOOST_TEST(answer.header("connection") == "close");
                BOOST_TEST(answer.header("content-type") == "application/json");
                BOOST_TEST(answer.body.find("\"request_id\":\"" + answer.header("x-request-id")) != std::string::npos);
                connection.endInput();
                BOOST_TEST(connection.isClosed());
            }
        }
        BOOST_TEST(handled == 0);
        BOOST_TEST(glued == 0);
    }

    std::atomic<int> glued{0};
};

} // namespace

BOOST_AUTO_TEST_SUITE(RequestHead)

BOOST_FIXTURE_TEST_CASE(refuses_every_bad_request_line_H1_H4_H14, Corpus)
{
    checkAll(badRequestLines());
}

BOOST_FIXTURE_TEST_CASE(refuses_every_bad_field_H2_H3_H5_H19, Corpus)
{
    checkAll(badFields());
}

BOOST_FIXTURE_TEST_CASE(refuses_every_bad_framing_H6_H7_H8_H9, Corpus)
{
    checkAll(badFraming());
}

BOOST_FIXTURE_TEST_CASE(refuses_every_bad_target_H14_H15_H16, Corpus)
{
    checkAll(badTargets());
}

BOOST_FIXTURE_TEST_CASE(takes_what_is_unusual_but_allowed, Corpus)
{
    const std::string good[] = {
        get("/item/" + std::string(8192 - 20, 'a')),
        get("/echo", manyFields(99)),
        withField("X-A: " + std::string(8192, 'a')),
        withField("X-A: =?utf-8?B?aGFsbG8=?="),
        withField("X-A:no-space"),
        withField("X-A:"),
        withField("X-A: \xc3\xb6\tb"),
        withField("Connection: upgrade\r\nUpgrade: "),
        withField("Connection: upgrade\r\nUpgrade: websocket"),
        withHost("[::1]:8000"),
        withHost("127.0.0.1:65535"),
        get("/item/%C3%B6..;"),
        get("/item/a+b?x=1&y&=z"),
        get("/echo?a=b%2Fc+d"),
        "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        post("Content-Length:  2  \r\n", "{}"),
        post("Content-Length: 0\r\n"),
        post(""),
        "GET /echo HTTP/1.1\r\nHost: farm\r\nContent-Length: 4\r\n\r\nbody",
        post("Transfer-Encoding: chunked\r\n", "1;a=b\r\n{\r\n00000001\r\n}\r\n0\r\nContent-Length: 7\r\n\r\n"),
        post("Content-Length: 2\r\nExpect: 100-Continue\r\n", "{}"),
    };
    for (const auto& request : good) {
        BOOST_TEST_CONTEXT(request.substr(0, 100)) {
            auto connection = client();
            BOOST_TEST(connection.ask(request).status == 200);
            BOOST_TEST(connection.ask(get("/glued")).body == "glued");
        }
    }
}

BOOST_FIXTURE_TEST_CASE(gives_the_same_answer_however_the_bytes_are_cut, Corpus)
{
    const auto request = post("Transfer-Encoding: chunked\r\n", "2;x\r\n{}\r\n0\r\nT: 1\r\n\r\n");
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        auto connection = client();
        connection.send(request.substr(0, cut));
        connection.send(request.substr(cut) + get("/glued"));
        BOOST_TEST(connection.receive().body == "POST  {}");
        BOOST_TEST(connection.receive().body == "glued");
    }
}

BOOST_AUTO_TEST_SUITE_END()
