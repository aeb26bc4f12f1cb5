// SPDX-License-Identifier: MIT
#include "http/file_answer.h"

#include "http/http_date.h"
#include "unit/http/server_fixture.h"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

constexpr std::time_t kModified = 784111777; // Sun, 06 Nov 1994 08:49:37 GMT

struct Files : ServerFixture {
    Files()
    {
        for (std::size_t i = 0; i < content.size(); ++i)
            content[i] = static_cast<char>(i * 7 + i / 251);
        write("file", content);
        write("empty", "");
        router.get("/file/{name}", Access::Guest, [this](const HttpRequest& request, HttpResponse& response) {
            FileReply reply;
            reply.path = temporary / std::string(request.param("name"));
            reply.etag = "v1";
            reply.disposition = "attachment; filename=\"x\"";
            response.file(std::move(reply));
        });
        options.headers = {{"Cache-Control", "no-store"}};
        start();
    }
    void write(const std::string& name, const std::string& bytes)
    {
        std::ofstream(temporary / name, std::ios::binary) << bytes;
        const timespec times[2] = {{kModified, 0}, {kModified, 0}};
        ::utimensat(AT_FDCWD, (temporary / name).c_str(), times, 0);
    }
    RawAnswer get(const std::string& fields, const std::string& name = "file")
    {
        return ask("GET /file/" + name + " HTTP/1.1\r\nHost: farm\r\n" + fields + "\r\n");
    }

    std::string content = std::string(5'000'000, '\0');
};

} // namespace

BOOST_AUTO_TEST_SUITE(FileAnswer)

BOOST_FIXTURE_TEST_CASE(sends_a_whole_file_with_its_validators_H22, Files)
{
    const auto answer = get("");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST((answer.body == content));
    BOOST_TEST(answer.header("etag") == "\"v1\"");
    BOOST_TEST(answer.header("last-modified") == "Sun, 06 Nov 1994 08:49:37 GMT");
    BOOST_TEST(answer.header("accept-ranges") == "bytes");
    BOOST_TEST(answer.header("cache-control") == "private, no-store");
    BOOST_TEST(answer.header("content-disposition") == "attachment; filename=\"x\"");
    BOOST_TEST(get("", "empty").status == 200);
    BOOST_TEST(get("", "missing").status == 404);
    std::filesystem::create_directory(temporary / "folder");
    BOOST_TEST(get("", "folder").status == 404);
}

BOOST_FIXTURE_TEST_CASE(a_HEAD_request_tells_the_length_and_ignores_ranges, Files)
{
    auto connection = client();
    const auto head = connection.ask("HEAD /file/file HTTP/1.1\r\nHost: f\r\nRange: bytes=0-1\r\n\r\n", true);
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.header("content-length") == "5000000");
    BOOST_TEST((connection.ask("GET /file/file HTTP/1.1\r\nHost: f\r\n\r\n").body == content));
}

BOOST_FIXTURE_TEST_CASE(answers_one_range_H22, Files)
{
    struct Case {
        std::string range;
        std::size_t first, length;
    };
    for (const auto& [range, first, length] :
         {Case{"0-0", 0, 1}, {"10-19", 10, 10}, {"4999990-", 4999990, 10}, {"-5", 4999995, 5},
          {"4999999-9999999", 4999999, 1}, {"-9999999", 0, 5000000}, {"100-4000000", 100, 3999901}}) {
        const auto answer = get("Range: bytes=" + range + "\r\n");
        BOOST_TEST_CONTEXT(range) {
            BOOST_TEST(answer.status == 206);
            BOOST_TEST((answer.body == content.substr(first, length)));
            BOOST_TEST(answer.header("content-range") ==
                       "bytes " + std::to_string(first) + "-" + std::to_string(first + length - 1) + "/5000000");
        }
    }
}

BOOST_FIXTURE_TEST_CASE(answers_ranges_beyond_the_end_with_416_H22, Files)
{
    auto connection = client();
    for (const std::string range : {"5000000-", "5000000-5000001", "-0"}) {
        const auto answer = connection.ask("GET /file/file HTTP/1.1\r\nHost: f\r\nRange: bytes=" + range + "\r\n\r\n");
        BOOST_TEST(answer.status == 416);
        BOOST_TEST(answer.header("content-range") == "bytes */5000000");
    }
    BOOST_TEST(get("Range: bytes=0-\r\n", "empty").status == 416);
}

BOOST_AUTO_TEST_CASE(takes_malformed_and_multiple_ranges_for_none_H22)
{
    using http::ByteRange;
    for (const auto* text : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,3-4", "items=0-1",
                             "bytes=0x1-2", "bytes= 0-1", "bytes=1--2", "bytes=18446744073709551616-"})
        BOOST_TEST((http::parseRange(text, 100).verdict == ByteRange::Verdict::Whole), text);
}

BOOST_FIXTURE_TEST_CASE(weighs_conditions_H22, Files)
{
    const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT", earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
    const std::pair<std::string, int> table[] = {
        {"If-None-Match: \"v1\"\r\n", 304},
        {"If-None-Match: W/\"v1\"\r\n", 304},
        {"If-None-Match: \"v0\", \"v1\"\r\n", 304},
        {"If-None-Match: *\r\n", 304},
        {"If-None-Match: \"v2\"\r\n", 200},
        {"If-None-Match: \"v2\"\r\nIf-Modified-Since: " + date + "\r\n", 200},
        {"If-Modified-Since: " + date + "\r\n", 304},
        {"If-Modified-Since: " + earlier + "\r\n", 200},
        {"If-Modified-Since: yesterday\r\n", 200},
        {"Range: bytes=0-1\r\nIf-Range: \"v1\"\r\n", 206},
        {"Range: bytes=0-1\r\nIf-Range: \"v2\"\r\n", 200},
        {"Range: bytes=0-1\r\nIf-Range: W/\"v1\"\r\n", 200},
        {"Range: bytes=0-1\r\nIf-Range: " + date + "\r\n", 206},
        {"Range: bytes=0-1\r\nIf-Range: " + earlier + "\r\n", 200},
        {"Range: bytes=0-1\r\nIf-None-Match: \"v1\"\r\n", 304},
    };
    for (const auto& [fields, status] : table)
        BOOST_TEST(get(fields).status == status, fields);
    BOOST_TEST(get("If-None-Match: \"v1\"\r\n").header("etag") == "\"v1\"");
}

BOOST_AUTO_TEST_CASE(reads_the_dates_it_writes)
{
    for (const std::time_t time : {std::time_t(0), kModified, std::time_t(1'800'000'000), std::time_t(4'102'444'799)})
        BOOST_TEST(http::parseHttpDate(http::httpDate(time)).value() == time);
    BOOST_TEST(!http::parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"));
    BOOST_TEST(!http::parseHttpDate("Sun, 06 unN 1994 08:49:37 GMT"));
}

BOOST_FIXTURE_TEST_CASE(large_files_are_fair_to_other_connections, Files)
{
    auto slow = client(4096);
    slow.send("GET /file/file HTTP/1.1\r\nHost: f\r\n\r\nGET /file/empty HTTP/1.1\r\nHost: f\r\n\r\n");
    BOOST_TEST(get("", "empty").status == 200);
    BOOST_TEST((slow.receive().body == content));
    BOOST_TEST(slow.receive().status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
