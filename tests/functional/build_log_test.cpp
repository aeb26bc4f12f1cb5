// SPDX-License-Identifier: MIT
#include "real_server.h"

#include <algorithm>

using namespace apbfarm;
using namespace apbfarm::test;

namespace {

constexpr int kSpoken = 150;

/// Says 150 numbered lines over some two seconds.
std::string talkative()
{
    return pkgbuild("talkative", "'x86_64'",
                    "build() { for i in $(seq 150); do echo \"spoken line $i\"; sleep 0.01; done; }\n"
                    "package() { :; }\n");
}

std::vector<std::string> linesOf(const Poco::JSON::Object::Ptr& page)
{
    std::vector<std::string> lines;
    const auto output = page->getArray("output");
    for (unsigned i = 0; i < output->size(); ++i)
        lines.push_back(output->getElement<std::string>(i));
    return lines;
}

/// The whole log through pages of that many lines.
std::vector<std::string> readInPages(const HttpClient& client, const std::string& build, int limit)
{
    std::vector<std::string> lines;
    for (;;) {
        const auto page = json(client.get("/build/" + build + "/output?start_index=" + std::to_string(lines.size()) +
                                          "&limit=" + std::to_string(limit)));
        const auto more = linesOf(page);
        BOOST_TEST_REQUIRE(more.size() <= static_cast<std::size_t>(limit));
        BOOST_TEST(page->getValue<std::size_t>("returned_lines") == more.size());
        lines.insert(lines.end(), more.begin(), more.end());
        if (more.empty() || lines.size() >= page->getValue<std::size_t>("total_lines"))
            return lines;
    }
}

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const auto& line : lines)
        text += line + "\n";
    return text;
}

/// Follows a stream for at most that many lines; says whether it saw the end.
struct Followed {
    std::vector<std::string> lines;
    std::string lastId;
    std::optional<std::string> complete;

    void follow(const HttpClient& client, const std::string& build, std::size_t most)
    {
        HttpHeaders headers;
        if (!lastId.empty())
            headers.emplace_back("Last-Event-ID", lastId);
        EventStreamClient stream(client, "/build/" + build + "/stream", headers);
        BOOST_TEST_REQUIRE(stream.head().status == 200);
        for (std::size_t count = 0; count < most && !complete;) {
            const auto event = stream.next();
            if (!event)
                return;
            if (event->type == "complete")
                complete = event->data;
            if (event->type != "output")
                continue;
            lines.push_back(event->data);
            lastId = event->id;
            ++count;
        }
    }
};

struct BuiltLog {
    BuiltLog()
    {
        farm.start();
        build = acceptedBuild(submitTarball(farm.admin(), tarballOf(talkative())));
    }
    void finish() { BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log()); }
    std::string wholeLog() { return farm.admin().get("/build/" + build + "/download/build.log").body; }

    RealServer server;
    FarmProcess farm{{{"x86_64", server.url()}}};
    std::string build;
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildLog)

BOOST_FIXTURE_TEST_CASE(its_pages_put_together_are_the_whole_log, BuiltLog)
{
    finish();
    const auto lines = readInPages(farm.guest(), build, 17);
    const auto isSpoken = [](const auto& line) { return line.starts_with("spoken line "); };
    BOOST_TEST(std::ranges::count_if(lines, isSpoken) == kSpoken);
    BOOST_TEST((readInPages(farm.guest(), build, 1000) == lines));
    BOOST_TEST(joined(lines) == wholeLog());

    const auto target = "/build/" + build + "/output";
    BOOST_TEST(linesOf(json(farm.guest().get(target + "?start_index=1000000"))).empty());
    for (const auto* query :
         {"?limit=0", "?limit=1001", "?start_index=-1", "?start_index=x", "?limit=99999999999999999999"})
        BOOST_TEST(farm.guest().get(target + query).status == 400, query);
}

BOOST_FIXTURE_TEST_CASE(a_viewer_from_the_start_sees_every_line_once_and_the_end, BuiltLog)
{
    Followed live;
    live.follow(farm.guest(), build, 100000);
    BOOST_TEST_REQUIRE(live.complete.has_value());
    BOOST_TEST(*live.complete == R"({"status": "completed", "exit_code": 0})");
    BOOST_TEST(statusOf(farm.guest(), build) == "completed");
    BOOST_TEST(joined(live.lines) == wholeLog());
    BOOST_TEST(live.lastId == std::to_string(live.lines.size()));

    Followed later;
    later.follow(farm.guest(), build, 100000);
    BOOST_TEST((later.lines == live.lines));
    BOOST_TEST(later.complete.has_value());
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_viewer_goes_on_without_gap_or_repetition, BuiltLog)
{
    Followed viewer;
    while (!viewer.complete)
        viewer.follow(farm.guest(), build, 37);
    finish();
    BOOST_TEST(joined(viewer.lines) == wholeLog());
}

BOOST_FIXTURE_TEST_CASE(guests_get_the_last_lines_of_a_log, BuiltLog)
{
    finish();
    const auto tail = farm.guest().get("/build/" + build + "/download/build.log");
    BOOST_TEST(tail.status == 200);
    BOOST_TEST(tail.header("X-APB-Log-Truncated") == "true");
    BOOST_TEST(tail.header("X-APB-Log-Tail-Lines") == "100");
    BOOST_TEST(tail.header("Cache-Control") == "private, no-store");
    const auto all = readInPages(farm.guest(), build, 1000);
    BOOST_TEST_REQUIRE(all.size() > 100u);
    BOOST_TEST(tail.body.ends_with("\n\n" + joined({all.end() - 100, all.end()})));

    const auto whole = farm.admin().get("/build/" + build + "/download/build.log");
    BOOST_TEST(whole.body == joined(all));
    BOOST_TEST(whole.header("X-APB-Log-Truncated") == "");
    BOOST_TEST(whole.header("Content-Type").starts_with("text/plain"));
}

BOOST_AUTO_TEST_CASE(what_a_build_prints_cannot_break_pages_json_or_streams_W1_V8)
{
    RealServer server;
    FarmProcess farm({{"x86_64", server.url()}});
    farm.start();
    const auto text = pkgbuild("hostile", "'x86_64'", R"(
build() {
  echo '<script>alert(1)</script>'
  printf 'bad \xff\xfe bytes\n'
  printf '10%%\r50%%\r100%%\n'
  printf 'data: forged\n\nevent: complete\ndata: {}\n\n'
  head -c 200000 /dev/zero | tr '\0' x; echo
  printf 'no end of line'
}
package() { :; }
)");
    const auto build = acceptedBuild(submitTarball(farm.admin(), tarballOf(text)));
    BOOST_TEST_REQUIRE(waitForEnd(farm.guest(), build) == "completed", farm.log());

    const auto lines = readInPages(farm.guest(), build, 10);
    const auto contains = [&](const std::string& line) { return std::ranges::count(lines, line) > 0; };
    BOOST_TEST(contains("<script>alert(1)</script>"));
    BOOST_TEST(contains("bad \xEF\xBF\xBD\xEF\xBF\xBD bytes"));
    BOOST_TEST(contains("event: complete"));
    BOOST_TEST(std::ranges::all_of(lines, [](const auto& line) { return line.size() <= 70000; }));

    Followed viewer;
    viewer.follow(farm.guest(), build, 100000);
    BOOST_TEST(viewer.complete.value_or("") == R"({"status": "completed", "exit_code": 0})");
    BOOST_TEST(viewer.lines.size() == lines.size());
    BOOST_TEST(std::ranges::count(viewer.lines, "100%") == 1);

    for (const auto* rest : {"/status", "/fragment"})
        BOOST_TEST(farm.admin().get("/build/" + build + rest).body.find("<script>alert") == std::string::npos);
    const auto log = farm.admin().get("/build/" + build + "/download/build.log");
    BOOST_TEST(log.header("Content-Type").starts_with("text/plain"));
    BOOST_TEST(log.header("X-Content-Type-Options") == "nosniff");
}

BOOST_AUTO_TEST_SUITE_END()
