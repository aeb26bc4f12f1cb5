// SPDX-License-Identifier: MIT
#include "api/route_notes.h"

namespace apbfarm::api::notes {

namespace {

using Fields = std::vector<ApiField>;

constexpr const char* kPages = "Pages";

RouteNotes pageWith(Fields parameters)
{
    return {.topic = kPages,
            .parameters = std::move(parameters),
            .answers = {{200, "A page", {}, "string", "text/html"}}};
}

Fields withFilters(Fields parameters)
{
    parameters.insert(parameters.end(),
                      {{"status?", "string queued|building|completed|failed|cancelled", "Only these builds"},
                       {"package?", "string", "Only builds of this package"},
                       {"arch?", "string", "Only builds for this architecture"},
                       {"user?", "string", "Only builds of this account; for those who are signed in"},
                       {"page?", "integer 1..50000 = 1", "Twenty builds each"}});
    return parameters;
}

} // namespace

RouteNotes file(std::string contentType)
{
    return {.topic = kPages,
            .answers = {{200, "The file", {}, "file", std::move(contentType)},
                        {304, "The caller has it already", {}, "", ""},
                        {404, "No such file"}}};
}

RouteNotes page()
{
    return pageWith({});
}

RouteNotes dashboardPage()
{
    return pageWith(withFilters({{"tab?", "string servers|builds|statistics", "As older farms have it: leads to that part"},
                                       {"logged_out?", "string", "Says so on the page"}}));
}

RouteNotes buildsPage()
{
    return pageWith(withFilters({}));
}

RouteNotes buildsFragment()
{
    return pageWith(withFilters({{"of?", "string", "builds: for the page of that name"}}));
}

RouteNotes packagesPage()
{
    return pageWith({{"package?", "string", "Only this one"}});
}

RouteNotes feed()
{
    return {.topic = kPages,
            .parameters = withFilters({}),
            .answers = {{200, "The feed", {}, "string", "application/atom+xml"}}};
}

RouteNotes packageBadge()
{
    auto notes = file("image/svg+xml");
    notes.parameters = {{"arch?", "string", "Only this architecture"}};
    return notes;
}

RouteNotes changes()
{
    return {.topic = kPages, .answers = {{200, "One event per change", {}, "string", "text/event-stream"}}};
}

RouteNotes logInPage()
{
    return pageWith({{"build?", "string", "The build whose page comes next"}});
}

RouteNotes logInForm()
{
    auto notes = redirection();
    notes.body = {{"username", "string", ""},
                  {"password", "string", ""},
                  {"build?", "string", "The build whose page comes next"}};
    return notes;
}

RouteNotes redirection()
{
    return {.topic = kPages, .answers = {{303, "Location names the page to go to", {}, "", ""}}};
}

} // namespace apbfarm::api::notes
