// SPDX-License-Identifier: MIT
#include "api/page_views.h"

#include "api/page_views_text.h"

namespace apbfarm::api {

namespace {

constexpr int kBuildsLookedThrough = 600;    // the newest ones say which packages the page is about
constexpr std::size_t kPackagesShown = 50;

View cell(const Build* last)
{
    auto view = last ? briefly(*last) : View();
    return view.flag("isBuilt", last != nullptr);
}

} // namespace

PackagesView::PackagesView(const PageContext& context) : context_(context) {}

View PackagesView::of(const std::string& package)
{
    BuildQuery query;
    query.limit = kBuildsLookedThrough;
    if (!package.empty())
        query.pkgname = package;
    std::vector<std::string> order;
    std::map<std::string, Row> rows;
    std::set<std::string> architectures;
    for (auto& build : context_.store.list(query)) {
        if (!rows.contains(build.pkgname)) {
            if (order.size() == kPackagesShown)
                continue;
            order.push_back(build.pkgname);
        }
        architectures.insert(build.architecture);
        rows[build.pkgname].try_emplace(build.architecture, std::move(build));
    }
    return matrix(order, rows, architectures, package);
}

View PackagesView::matrix(const std::vector<std::string>& order, std::map<std::string, Row>& rows,
                          const std::set<std::string>& architectures, const std::string& package)
{
    View view;
    std::vector<View> columns, lines;
    for (const auto& architecture : architectures) {
        View column;
        columns.push_back(column.text("column", architecture));
    }
    for (const auto& name : order) {
        std::vector<View> cells;
        for (const auto& architecture : architectures)
            cells.push_back(cell(lastOf(name, architecture, rows[name])));
        View line;
        line.text("package", name).text("packageAddress", words::pathSegment(name)).list("cells", std::move(cells));
        lines.push_back(std::move(line));
    }
    view.flag("hasPackages", !lines.empty()).list("columns", std::move(columns)).list("lines", std::move(lines));
    view.text("filterPackage", package).text("filterQuery", package.empty() ? "" : "?package=" + words::pathSegment(package));
    return view;
}

/// Older than the builds looked through when it is not among them.
const Build* PackagesView::lastOf(const std::string& package, const std::string& architecture, Row& row)
{
    if (const auto known = row.find(architecture); known != row.end())
        return &known->second;
    BuildQuery query;
    query.pkgname = package;
    query.architecture = architecture;
    query.limit = 1;
    auto found = context_.store.list(query);
    return found.empty() ? nullptr : &row.try_emplace(architecture, std::move(found.front())).first->second;
}

} // namespace apbfarm::api
