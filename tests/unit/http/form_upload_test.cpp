// SPDX-License-Identifier: MIT
#include "unit/http/form_fixture.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <vector>

using namespace apbfarm;
using namespace apbfarm::test;

BOOST_AUTO_TEST_SUITE(FormUpload)

BOOST_FIXTURE_TEST_CASE(keeps_small_parts_in_memory_and_puts_large_files_on_disk_X1, Forms)
{
    start();
    const auto small = noise(1000), large = noise(3 << 20);
    const auto answer = ask(form(part("name=\"architectures\"", "x86_64") +
                                 part("name=\"pkgbuild\"; filename=\"PKGBUILD\"", small) +
                                 part("name=\"build_tarball\"; filename=\"build.tar.gz\"", large)));
    BOOST_TEST(answer.body == "architectures//t/m/6/" + std::to_string(sumOf("x86_64")) + "\npkgbuild/PKGBUILD/f/m/1000/" +
                                  std::to_string(sumOf(small)) + "\nbuild_tarball/build.tar.gz/f/d/3145728/" +
                                  std::to_string(sumOf(large)) + "\n");
    BOOST_TEST(eventually([this] { return nothingLeft(); }));
}

BOOST_FIXTURE_TEST_CASE(takes_chunked_forms_and_the_next_request_behind_them_H9, Forms)
{
    start();
    const auto large = noise(300000);
    const auto body = part("name=\"build_tarball\"; filename=\"b\"", large) + "--xyz--\r\n";
    auto connection = client();
    connection.send(chunked(body, 7777) + form(part("name=\"a\"", "b")));
    BOOST_TEST(connection.receive().body == "build_tarball/b/f/d/300000/" + std::to_string(sumOf(large)) + "\n");
    BOOST_TEST(connection.receive().body == "a//t/m/1/98\n");
}

BOOST_FIXTURE_TEST_CASE(a_body_that_ends_early_reaches_nobody_and_leaves_nothing_H11, Forms)
{
    start();
    const auto whole = form(part("name=\"build_tarball\"; filename=\"b\"", noise(300000)));
    for (const auto size : {whole.size() - 1, whole.size() - 10, whole.size() / 2, std::size_t(400)}) {
        auto connection = client();
        connection.send(whole.substr(0, size));
        connection.endInput();
        BOOST_TEST(connection.isClosed());
    }
    BOOST_TEST(handled == 0);
    BOOST_TEST(server->counters().spooling == 0u);
    BOOST_TEST(eventually([this] { return nothingLeft(); }));
}

BOOST_FIXTURE_TEST_CASE(a_form_without_its_closing_boundary_is_refused_H18, Forms)
{
    start();
    auto request = form(part("name=\"a\"", "b"));
    request.replace(request.rfind("--xyz--"), 7, "--xyzzz");
    BOOST_TEST(ask(request).status == 400);
    BOOST_TEST(handled == 0);
}

BOOST_FIXTURE_TEST_CASE(refuses_a_declared_length_over_the_limit_before_any_body_X1, Forms)
{
    start();
    auto connection = client();
    const auto answer = connection.ask("POST /form HTTP/1.1\r\nHost: farm\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                                       "Content-Length: 4194305\r\n\r\n");
    BOOST_TEST(answer.status == 413);
    BOOST_TEST(answer.header("connection") == "close");
    connection.send(std::string(32 << 10, 'a'));
    connection.endInput();
    BOOST_TEST(connection.isClosed());
}

BOOST_FIXTURE_TEST_CASE(stops_draining_after_64_KiB_H12, Forms)
{
    start();
    auto connection = client();
    connection.ask("POST /form HTTP/1.1\r\nHost: farm\r\nContent-Length: 99999999999\r\n\r\n");
    BOOST_TEST(eventually([&] {
        connection.send(std::string(64 << 10, 'a'));
        return server->counters().connections == 0;
    }));
}

BOOST_FIXTURE_TEST_CASE(one_file_has_its_own_limit_but_for_the_tarball_X1, Forms)
{
    start();
    const auto exact = std::string(1 << 20, 'a');
    BOOST_TEST(ask(form(part("name=\"sources\"; filename=\"s\"", exact))).status == 200);
    BOOST_TEST(ask(form(part("name=\"sources\"; filename=\"s\"", exact + "a"))).status == 413);
    BOOST_TEST(ask(form(part("name=\"build_tarball\"; filename=\"s\"", exact + "a"))).status == 200);
    BOOST_TEST(ask(form(part("name=\"text\"", std::string(64 << 10, 'a')))).status == 200);
    BOOST_TEST(ask(form(part("name=\"text\"", std::string((64 << 10) + 1, 'a')))).status == 413);
    BOOST_TEST(ask(chunked(part("name=\"build_tarball\"; filename=\"s\"", std::string(5 << 20, 'a')), 100000)).status == 413);
}

BOOST_FIXTURE_TEST_CASE(limits_the_number_of_parts_and_files_H18, Forms)
{
    start();
    const auto many = [](int count, const std::string& disposition) {
        std::string parts;
        for (int i = 0; i < count; ++i)
            parts += part(disposition, "x");
        return parts;
    };
    BOOST_TEST(ask(form(many(1000, "name=\"a\""))).status == 200);
    BOOST_TEST(ask(form(many(1001, "name=\"a\""))).status == 413);
    BOOST_TEST(ask(form(many(256, "name=\"a\"; filename=\"f\""))).status == 200);
    BOOST_TEST(ask(form(many(257, "name=\"a\"; filename=\"f\""))).status == 413);
    BOOST_TEST(ask(form(part("nam=\"a\"", "x"))).status == 400);
}

BOOST_FIXTURE_TEST_CASE(takes_urlencoded_forms_and_leaves_other_types_without_parts, Forms)
{
    start();
    const auto post = [this](const std::string& type, const std::string& body) {
        return ask("POST /form HTTP/1.1\r\nHost: farm\r\n" + (type.empty() ? "" : "Content-Type: " + type + "\r\n") +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    };
    BOOST_TEST(post("application/x-www-form-urlencoded", "user=al%69ce+x&n=&text=a%0D%0Ab").body ==
               "user//t/m/7/" + std::to_string(sumOf("alice x")) + "\nn//t/m/0/0\ntext//t/m/4/" +
                   std::to_string(sumOf("a\r\nb")) + "\n");
    BOOST_TEST(post("application/x-www-form-urlencoded", "a=%00").status == 400);
    BOOST_TEST(post("application/x-www-form-urlencoded", std::string(65537, 'a')).status == 413);
    const auto json = post("application/json", "{}");
    BOOST_TEST(json.status == 200);
    BOOST_TEST(json.body.empty());
    BOOST_TEST(post("", "{}").body.empty());
    BOOST_TEST(post("multipart/form-data", "{}").status == 400);
}

BOOST_FIXTURE_TEST_CASE(a_spool_that_cannot_be_written_is_a_passing_trouble, Forms)
{
    start();
    std::filesystem::remove_all(temporary.path());
    const auto answer = ask(form(part("name=\"build_tarball\"; filename=\"b\"", std::string(100000, 'a'))));
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(!answer.header("retry-after").empty());
    BOOST_TEST(handled == 0);
}

BOOST_FIXTURE_TEST_CASE(only_so_many_bodies_are_spooled_at_once, Forms)
{
    options.maxSpoolingBodies = 2;
    start();
    const auto upload = form(part("name=\"build_tarball\"; filename=\"b\"", std::string(200000, 'a')));
    auto first = client(), second = client(), third = client();
    first.send(upload.substr(0, 100000));
    second.send(upload.substr(0, 100000));
    BOOST_TEST(eventually([this] { return server->counters().spooling == 2; }));
    BOOST_TEST(third.ask(upload).status == 503);
    first.send(upload.substr(100000));
    BOOST_TEST(first.receive().status == 200);
    BOOST_TEST(eventually([this] { return server->counters().spooling == 1; }));
    BOOST_TEST(ask(upload).status == 200);
    second.hangUp();
    BOOST_TEST(eventually([this] { return server->counters().spooling == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()
