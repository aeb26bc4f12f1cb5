// SPDX-License-Identifier: MIT
#include "api/route_notes.h"

namespace apbfarm::api::notes {

namespace {

using Fields = std::vector<ApiField>;

constexpr const char* kBuilds = "Builds";
constexpr const char* kServers = "Farm";

Fields serverNamed()
{
    return {{"server", "string", "Its address, as configured"}};
}

ApiAnswer said()
{
    return {200, "What came of it", {{"success", "boolean", ""}, {"message", "string", "In words"}}};
}

} // namespace

RouteNotes rebuild()
{
    auto notes = submitBuild();
    notes.body = {};
    notes.parameters = {{"id", "string", "The build that has ended"}};
    notes.details = "For its owner and administrators, as long as the farm keeps the sources (limits.keepSourcesDays).";
    return notes;
}

RouteNotes logOutline()
{
    return {.topic = kBuilds,
            .parameters = {{"id", "string", "The build's id"}},
            .answers = {{200, "Line numbers count from 0",
                         {{"total_lines", "integer", "Lines looked at"},
                          {"first_error", "integer?", "The first line that looks like an error"},
                          {"failure", "integer?", "Where makepkg gave up"},
                          {"phases", "object[]", "",
                           {{"line", "integer", "Where it begins"}, {"title", "string", "As makepkg announces it"}}}}}}};
}

RouteNotes logSearch()
{
    return {.topic = kBuilds,
            .parameters = {{"id", "string", "The build's id"},
                           {"q?", "string", "What to look for, without regard to case; at most 200 bytes"},
                           {"start_index?", "integer = 0", "The line to begin with"}},
            .answers = {{200, "Some matches; there may be more behind next_index",
                         {{"total_lines", "integer", ""},
                          {"next_index", "integer", "Where to go on; total_lines when all was looked at"},
                          {"lines", "integer[]", "Numbers of the lines found"}}}}};
}

RouteNotes compressedLog()
{
    auto notes = file("application/gzip");
    notes.parameters = {{"id", "string", "The build's id"}};
    notes.topic = kBuilds;
    return notes;
}

RouteNotes statisticsPage()
{
    auto notes = page();
    notes.parameters = {{"days?", "integer 1..365 = 30", "How far back; rounded up to 7, 30, 90 or 365"}};
    return notes;
}

RouteNotes auditPage()
{
    auto notes = page();
    notes.parameters = {{"page?", "integer 1..50000 = 1", "Fifty events each"}};
    return notes;
}

RouteNotes ownPage()
{
    return buildsPage();
}

RouteNotes submitPreview()
{
    auto notes = submitBuild();
    notes.parameters = {};
    notes.details = "The same form as for a submission. Nothing is kept.";
    notes.answers = {{200, "What the farm reads",
                      {{"pkgname", "string", ""},
                       {"pkgnames", "string[]", "More than one: a split package"},
                       {"version", "string", "Empty when only running the PKGBUILD would tell"},
                       {"warnings", "string[]", "Sentences for the submitter"},
                       {"architectures", "string[]", "As the package names them"},
                       {"available_architectures", "string[]", "Those that a server builds for"}}}};
    return notes;
}

RouteNotes endSession()
{
    return {.topic = "Sessions",
            .parameters = {{"session", "integer", "Its number, from one's own page"}},
            .answers = {{200, "It has ended", {{"message", "string", ""}}}, {404, "One has no such session"}}};
}

RouteNotes serverAction()
{
    return {.topic = kServers, .body = serverNamed(), .answers = {said(), {404, "There is no such server"}}};
}

RouteNotes serverNote()
{
    auto notes = serverAction();
    notes.body.push_back({"note", "string", "At most 2000 bytes; empty removes it"});
    return notes;
}

} // namespace apbfarm::api::notes
