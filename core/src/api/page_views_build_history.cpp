// SPDX-License-Identifier: MIT
#include "api/page_views.h"

#include "api/page_views_text.h"

#include <algorithm>

namespace apbfarm::api {

namespace {

constexpr int kEarlierShown = 10;

std::int64_t lengthOf(const Build& build)
{
    if (!build.startedAt || !build.endedAt)
        return 0;
    return std::chrono::duration_cast<std::chrono::seconds>(*build.endedAt - *build.startedAt).count();
}

} // namespace

/// How long it waited, how long it usually takes, and the builds of the same package before it.
void BuildView::addTimings(View& view, const Build& build)
{
    const auto waited = build.startedAt ? *build.startedAt - build.createdAt : std::chrono::microseconds(0);
    view.text("waited", build.startedAt ? words::duration(std::chrono::duration_cast<std::chrono::seconds>(waited)) : "");
    const auto usual = context_.estimates.typical(build);
    view.text("usually", usual ? words::roughly(*usual) : std::string()).text("packageName", build.pkgname);
    BuildQuery query;
    query.pkgname = build.pkgname;
    query.architecture = build.architecture;
    query.limit = kEarlierShown + 1;
    auto builds = context_.store.list(query);
    std::erase_if(builds, [&](const Build& other) { return other.id == build.id || !isFinal(other.state); });
    std::int64_t longest = 1;
    for (const auto& other : builds)
        longest = std::max(longest, lengthOf(other));
    std::vector<View> earlier;
    for (const auto& other : builds) {
        auto row = briefly(other);
        words::addDuration(row, other, now_);
        row.number("share", std::clamp<std::int64_t>(100 * lengthOf(other) / longest, 0, 100));
        earlier.push_back(std::move(row));
    }
    view.flag("hasEarlier", !earlier.empty()).list("earlier", std::move(earlier));
}

} // namespace apbfarm::api
