// SPDX-License-Identifier: MIT
#include "api/static_files.h"

#include "page_fixture.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using api::StaticFiles;

namespace {

struct Folder {
    test::TempDir folder;

    Folder()
    {
        test::write(folder / "a.css", "p {}");
        test::write(folder / "b.js", "export const b = 1;");
        test::write(folder / "notes.txt", "private");
        test::write(folder / "deeper/c.css", "q {}");
    }

    test::MemoryResponse ask(const StaticFiles& files, std::string_view name,
                             const test::MemoryRequest& request = {"GET", "/"})
    {
        test::MemoryResponse response;
        files.send(name, request, response);
        return response;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(PageStaticFiles)

BOOST_FIXTURE_TEST_CASE(a_file_of_the_list_is_served_with_type_and_etag, Folder)
{
    const StaticFiles files(folder.path(), {"a.css"});
    const auto answer = ask(files, "a.css");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.contentType == "text/css; charset=utf-8");
    BOOST_TEST(answer.body == "p {}");
    BOOST_REQUIRE(answer.all("ETag").size() == 1u);
    BOOST_TEST(answer.all("ETag")[0].size() == 34u);
}

BOOST_FIXTURE_TEST_CASE(a_browser_that_has_the_file_is_told_so, Folder)
{
    const StaticFiles files(folder.path(), {});
    const auto etag = ask(files, "a.css").all("ETag")[0];
    for (const auto& condition : {etag, "\"other\", W/" + etag, std::string("*")}) {
        const auto again = ask(files, "a.css", test::MemoryRequest("GET", "/").withHeader("If-None-Match", condition));
        BOOST_TEST(again.status == 304);
        BOOST_TEST(again.body == "");
    }
    const auto other = ask(files, "a.css", test::MemoryRequest("GET", "/").withHeader("If-None-Match", "\"other\""));
    BOOST_TEST(other.status == 200);
}

BOOST_FIXTURE_TEST_CASE(only_addresses_with_the_current_version_are_kept_for_long, Folder)
{
    const StaticFiles files(folder.path(), {});
    const auto current = ask(files, "a.css", test::MemoryRequest("GET", "/").withQuery("v", files.version()));
    BOOST_TEST(test::has(current.all("Cache-Control")[0], "immutable"));
    for (const auto* old : {"", "0123456789ab"})
        BOOST_TEST(ask(files, "a.css", test::MemoryRequest("GET", "/").withQuery("v", old)).all("Cache-Control")[0]
                   == "public, no-cache");
}

BOOST_FIXTURE_TEST_CASE(the_version_changes_with_any_file, Folder)
{
    const auto before = StaticFiles(folder.path(), {}).version();
    BOOST_TEST(StaticFiles(folder.path(), {}).version() == before);
    test::write(folder / "b.js", "export const b = 2;");
    BOOST_TEST(StaticFiles(folder.path(), {}).version() != before);
}

BOOST_FIXTURE_TEST_CASE(nothing_outside_of_the_list_made_at_start_is_served, Folder)
{
    const StaticFiles files(folder.path(), {});
    test::write(folder / "late.css", "r {}");
    for (const auto* name : {"late.css", "notes.txt", "deeper/c.css", "c.css", "../a.css", "./a.css", "", ".",
                             "/etc/passwd"})
        BOOST_CHECK_THROW(ask(files, name), NotFound);
}

BOOST_FIXTURE_TEST_CASE(a_missing_folder_or_file_stops_the_start, Folder)
{
    BOOST_CHECK_THROW(StaticFiles(folder / "gone", {}), InvalidInput);
    BOOST_CHECK_EXCEPTION(StaticFiles(folder.path(), {"app.js"}), InvalidInput,
                          [](const auto& error) { return test::has(error.what(), "app.js"); });
}

BOOST_AUTO_TEST_SUITE_END()
