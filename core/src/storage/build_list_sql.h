// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_value.h"

#include <apbfarm/storage.h>

#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::storage {

/// One build by its id.
const std::string& findBuildSql();
/// All builds that are not final, by sequence.
const std::string& liveBuildsSql();

/// The newest build of each architecture of the package `$1`, by architecture.
const std::string& latestByArchitectureSql(bool completedOnly);

/// The statements for one `BuildQuery`. Their text depends only on which conditions are set, so that there are few and
/// each stays prepared; values are parameters (S5). Borrows the query.
class BuildListSql {
public:
    explicit BuildListSql(const BuildQuery& query);
    explicit BuildListSql(BuildQuery&&) = delete;   // its texts would be gone before they are used

    const std::string& page() const { return page_; }
    const std::vector<Value>& pageValues() const { return pageValues_; }
    const std::string& count() const { return count_; }
    const std::vector<Value>& countValues() const { return countValues_; }

private:
    void where(std::string_view column, const Value& value);

    std::string_view leading_;
    std::string conditions_;
    std::string page_;
    std::string count_;
    std::vector<Value> countValues_;
    std::vector<Value> pageValues_;
};

} // namespace apbfarm::storage
