// SPDX-License-Identifier: MIT
#include "storage/build_list_sql.h"

#include "storage/build_row.h"

#include <algorithm>

namespace apbfarm::storage {

namespace {

std::string selectBuilds(std::string_view rest)
{
    return "SELECT " + std::string(kBuildColumns) + " FROM builds " + std::string(rest);
}

} // namespace

const std::string& findBuildSql()
{
    static const auto sql = selectBuilds("WHERE id = $1");
    return sql;
}

const std::string& liveBuildsSql()
{
    static const auto sql = selectBuilds(
        "WHERE state IN ('queued', 'assigning', 'building', 'lost-contact', 'cancelling') ORDER BY sequence");
    return sql;
}

namespace {

/// From one architecture of the package to the next by the index, then the newest row of each: what it costs depends on
/// how many architectures there are, not on how many builds.
std::string newestOfEach(const std::string& condition)
{
    const auto next = [&](const std::string& more) {
        return "SELECT server_arch FROM builds WHERE pkgname = $1" + condition + more + " ORDER BY server_arch LIMIT 1";
    };
    return "WITH RECURSIVE arches (name) AS (SELECT (" + next(" AND server_arch IS NOT NULL") +
           ") UNION ALL SELECT (" + next(" AND server_arch > name") + ") FROM arches WHERE name IS NOT NULL) SELECT " +
           std::string(kBuildColumns) +
           " FROM arches CROSS JOIN builds ON builds.id = (SELECT b.id FROM builds b WHERE b.pkgname = $1" + condition +
           " AND b.server_arch = arches.name ORDER BY b.created_at DESC, b.sequence DESC LIMIT 1) ORDER BY arches.name";
}

} // namespace

const std::string& latestByArchitectureSql(bool completedOnly)
{
    static const auto any = newestOfEach("");
    static const auto completed = newestOfEach(" AND status = 'completed'");
    return completedOnly ? completed : any;
}

BuildListSql::BuildListSql(const BuildQuery& query)
{
    // A package has few builds among all, which the engine cannot know: nothing else shall lead the search then.
    leading_ = query.pkgname ? "+" : "";
    if (query.status)
        where("status", toValue(toText(*query.status)));
    if (query.owner)
        where("user_id", toValue(*query.owner));
    if (query.pkgname)
        where("pkgname", toValue(*query.pkgname));
    if (query.architecture)
        where("server_arch", toValue(*query.architecture));
    if (query.submissionGroup)
        where("submission_group", toValue(*query.submissionGroup));
    count_ = "SELECT count(*) FROM builds" + conditions_;
    pageValues_ = countValues_;
    pageValues_.push_back(toValue(std::max(query.limit, 0)));
    pageValues_.push_back(toValue(std::max(query.offset, 0)));
    const auto limit = "$" + std::to_string(pageValues_.size() - 1);
    const auto offset = "$" + std::to_string(pageValues_.size());
    page_ = selectBuilds(conditions_ + " ORDER BY created_at DESC, sequence DESC LIMIT " + limit + " OFFSET " + offset);
}

void BuildListSql::where(std::string_view column, const Value& value)
{
    countValues_.push_back(value);
    conditions_ += countValues_.size() == 1 ? " WHERE " : " AND ";
    conditions_ += column == "pkgname" ? "" : leading_;
    conditions_ += column;
    conditions_ += " = $" + std::to_string(countValues_.size());
}

} // namespace apbfarm::storage
