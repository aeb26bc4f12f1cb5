// SPDX-License-Identifier: MIT
#include "api/build_filter.h"

#include "api/page_views_text.h"
#include "api/query.h"

namespace apbfarm::api {

namespace {

/// Older builds than these are found by package and user, not by leafing.
constexpr std::uint64_t kLastPage = 50000;
constexpr std::size_t kLongestText = 255;

std::string textFrom(const HttpRequest& request, const char* name)
{
    const std::string text(util::trim(request.query(name).value_or("")));
    if (text.size() > kLongestText)
        throw InvalidInput(std::string(name) + " is too long", "invalid_parameter", {{name, "is too long"}});
    return text;
}

std::optional<BuildStatus> statusFrom(const HttpRequest& request)
{
    const auto word = textFrom(request, "status");
    const auto status = buildStatusFromText(word);
    if (!word.empty() && !status)
        throw InvalidInput("status must be queued, building, completed, failed or cancelled", "invalid_parameter",
                           {{"status", "is not a status of a build"}});
    return status;
}

std::uint64_t pageFrom(const HttpRequest& request)
{
    const auto inPath = request.param("page");
    return inPath.empty() ? numberFrom(request, "page", 1, 1, kLastPage)
                          : checkedNumber("page", inPath, 1, kLastPage);
}

} // namespace

BuildFilter BuildFilter::of(const HttpRequest& request)
{
    BuildFilter filter{statusFrom(request), textFrom(request, "package"), textFrom(request, "arch"),
                       textFrom(request, "user"), pageFrom(request)};
    if (!filter.user.empty() && !request.principal())
        throw Unauthenticated("Log in to look for builds by user", "authentication_required");
    return filter;
}

std::string BuildFilter::asQuery() const
{
    std::string query;
    const auto add = [&](const char* name, std::string_view value) {
        if (!value.empty())
            query += std::string("&") + name + "=" + words::pathSegment(value);
    };
    add("status", status ? toText(*status) : std::string_view());
    add("package", package);
    add("arch", architecture);
    add("user", user);
    return query;
}

std::optional<BuildQuery> BuildFilter::asBuildQuery(UserStore& users, int perPage) const
{
    BuildQuery query;
    query.status = status;
    if (!package.empty())
        query.pkgname = package;
    if (!architecture.empty())
        query.architecture = architecture;
    if (!user.empty()) {
        const auto account = users.findByName(user);
        if (!account)
            return std::nullopt;
        query.owner = account->id;
    }
    query.limit = perPage;
    query.offset = static_cast<int>((page - 1) * static_cast<std::uint64_t>(perPage));
    return query;
}

void BuildFilter::addTo(View& view) const
{
    std::vector<View> options;
    for (const auto one : {BuildStatus::Queued, BuildStatus::Building, BuildStatus::Completed, BuildStatus::Failed,
                           BuildStatus::Cancelled}) {
        View option;
        option.text("option", toText(one)).flag("isChosen", status == one);
        options.push_back(std::move(option));
    }
    view.list("statusOptions", std::move(options)).flag("isFiltered", isSet());
    view.text("filterPackage", package).text("filterArchitecture", architecture).text("filterUser", user);
    view.text("filterQuery", asQuery()).number("page", static_cast<std::int64_t>(page));
}

} // namespace apbfarm::api
