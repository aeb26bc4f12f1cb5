// SPDX-License-Identifier: MIT
#include "api/admin_pages.h"

#include "api/page_views_text.h"

namespace apbfarm::api {

View AdminPages::store(const HttpRequest&) const
{
    const auto totals = context_.retention.totals();
    const auto facts = context_.store();
    View view;
    view.number("files", totals.files);
    view.text("size", words::size(totals.bytes));
    view.number("expired", context_.retention.expired()).text("directory", facts.directory);
    view.text("limit", facts.maxBytes > 0 ? words::size(static_cast<std::int64_t>(facts.maxBytes)) : "no limit");
    view.text("kept", facts.retentionDays > 0 ? std::to_string(facts.retentionDays) + " days" : "for ever");
    view.flag("isEnabled", facts.enabled);
    words::addTime(view, "oldest", totals.oldest);
    return view;
}

View AdminPages::repositories(const HttpRequest&) const
{
    std::vector<View> rows;
    for (const auto& repository : context_.repositories.list()) {
        View row;
        row.number("repositoryId", repository.id).text("name", repository.name).text("url", repository.url);
        row.text("key", repository.gpgKeyId).text("description", repository.description);
        row.flag("isActive", repository.active);
        words::addTime(row, "created", repository.createdAt);
        rows.push_back(std::move(row));
    }
    View view;
    return view.list("repositories", std::move(rows));
}

} // namespace apbfarm::api
