// SPDX-License-Identifier: MIT
#include "storage/build_list_sql.h"

#include "storage/migrations.h"
#include "storage/sqlite_connection.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::storage;

namespace {

struct Schema {
    SqliteConnection connection{SqliteConnection::kMemory, SqliteConnection::Use::Write};

    Schema()
    {
        for (const Migration& migration : sqliteMigrations())
            connection.script(std::string(migration.script));
    }

    /// How the engine would look for the rows, one line per step.
    std::string plan(const std::string& sql, const std::vector<Value>& values = {})
    {
        std::string text;
        for (auto rows = connection.selectWith("EXPLAIN QUERY PLAN " + sql, values); rows.next();)
            text += rows->string(3) + "\n";
        return text;
    }

    void usesIndex(const BuildQuery& query, const std::string& index)
    {
        const storage::BuildListSql sql(query);
        const auto text = plan(sql.page(), sql.pageValues());
        BOOST_TEST_CONTEXT(text)
        {
            BOOST_TEST(text.find(index) != std::string::npos);
            BOOST_TEST(text.find("TEMP B-TREE FOR ORDER BY") == std::string::npos);
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(BuildListSql)

BOOST_FIXTURE_TEST_CASE(pages_come_in_the_order_of_an_index, Schema)
{
    usesIndex({}, "idx_builds_created_at");
    usesIndex({.status = BuildStatus::Completed}, "idx_builds_status");
    usesIndex({.owner = 1}, "idx_builds_user");
    usesIndex({.pkgname = "zlib"}, "idx_builds_pkgname");
    usesIndex({.architecture = "x86_64"}, "idx_builds_server_arch");
}

BOOST_FIXTURE_TEST_CASE(live_builds_are_found_without_touching_finished_ones, Schema)
{
    const auto text = plan(liveBuildsSql());
    BOOST_TEST(text.find("idx_builds_live") != std::string::npos, text);
    BOOST_TEST(text.find("TEMP B-TREE") == std::string::npos, text);
}

BOOST_FIXTURE_TEST_CASE(builds_of_a_package_are_looked_for_among_those_of_that_name_only, Schema)
{
    usesIndex({.status = BuildStatus::Failed, .pkgname = "zlib"}, "idx_builds_pkgname");
    usesIndex({.owner = 1, .pkgname = "zlib", .architecture = "x86_64"}, "idx_builds_pkgname");
}

BOOST_FIXTURE_TEST_CASE(the_newest_build_of_each_architecture_is_found_by_steps_in_an_index, Schema)
{
    for (const bool completedOnly : {false, true}) {
        const std::string index = completedOnly ? "idx_builds_pkgname_completed" : "idx_builds_pkgname_arch";
        const auto text = plan(latestByArchitectureSql(completedOnly), {toValue("zlib")});
        BOOST_TEST_CONTEXT(text)
        {
            for (const char* search : {" (pkgname=? AND server_arch>?)", " (pkgname=? AND server_arch=?)"})
                BOOST_TEST(text.find(index + search) != std::string::npos, search);
            BOOST_TEST(text.find("SCAN builds") == std::string::npos);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_group_is_found_by_its_index, Schema)
{
    const BuildQuery query{.submissionGroup = "g"};
    const storage::BuildListSql sql(query);
    BOOST_TEST(plan(sql.page(), sql.pageValues()).find("idx_builds_submission_group") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
