// SPDX-License-Identifier: MIT
#include "api/route_notes.h"

namespace apbfarm::api::notes {

namespace {

using Fields = std::vector<ApiField>;

constexpr const char* kBuilds = "Builds";

ApiField buildId()
{
    return {"id", "string", "The build's id"};
}

/// While a build waits in the farm.
Fields waiting(const std::string& absent)
{
    return {{"queue_state" + absent, "string farm", "It waits in the farm's queue"},
            {"queue_position" + absent, "integer", "Its place, from 1"},
            {"jobs_ahead" + absent, "integer", "Builds before it"},
            {"farm_queue_size" + absent, "integer", "Builds that wait in all"}};
}

Fields operator+(Fields first, const Fields& second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

Fields queuedBuild()
{
    return Fields{{"build_id", "string", "Its id"},
                  {"arch", "string", "The architecture it is built for"},
                  {"status", "string queued", ""},
                  {"pkgname", "string", ""},
                  {"submission_group", "string", "The same for all builds of one submission"},
                  {"created_at", "number", "Seconds since 1970"},
                  {"user_id", "integer", "Who submitted it"}} +
           waiting("");
}

Fields files()
{
    return {{"filename", "string", ""}, {"size", "integer", "Bytes"}, {"download_url", "string", "Path on this farm"}};
}

Fields listedBuild(const std::string& time, const std::string& timeHelp)
{
    return {{"id", "string", "The same as build_id"},
            {"build_id", "string", ""},
            {"server_url", "string?", "The build server; shortened for everybody but administrators"},
            {"server_arch", "string", "The architecture it is built for"},
            {"pkgname", "string", ""},
            {"display_name", "string", "Name and version"},
            {"status", "string queued|building|completed|failed|cancelled", ""},
            {"epoch", "string?", ""},
            {"pkgver", "string?", "null: only running the PKGBUILD would tell"},
            {"pkgrel", "string?", ""},
            {"start_time", time + "?", timeHelp},
            {"end_time", time + "?", timeHelp},
            {"created_at", time, timeHelp},
            {"user_id", "integer?", "Who submitted it; null: nobody of this farm"},
            {"submission_group", "string", "The same for all builds of one submission"},
            {"build_timeout", "integer", "Seconds"}};
}

Fields packageList()
{
    return {{"pkgname", "string", "As asked for"},
            {"builds", "object[]", "", listedBuild("string", "2024-01-20T10:00:00Z")},
            {"total", "integer", "How many are listed"}};
}

ApiField packageName()
{
    return {"pkgname", "string", "The pkgbase of the package, else its first pkgname"};
}

ApiField completedOnly()
{
    return {"successful_only?", "boolean = true", "Only builds that are completed"};
}

Fields listParameters(const char* limit)
{
    return {{"limit?", limit, "How many at most"},
            {"status?", "string queued|building|completed|failed|cancelled", "Only these"}};
}

Fields statusFields()
{
    return Fields{{"build_id", "string", ""},
                  {"pkgname", "string", ""},
                  {"status", "string queued|building|completed|failed|cancelled", ""},
                  {"created_at", "number", "Seconds since 1970"},
                  {"arch", "string[]", "The architectures that the PKGBUILD names"},
                  {"packages", "object[]", "Empty until the build is final", files()},
                  {"logs", "object[]", "Empty until the build is final", files()},
                  {"build_timeout", "integer", "Seconds"},
                  {"start_time?", "number", "Seconds since 1970; once it runs"},
                  {"end_time?", "number", "Seconds since 1970; once it is final"},
                  {"duration?", "number", "Seconds; once it is final"},
                  {"exit_code?", "integer", "Of the build; once its server said it"},
                  {"peak_memory?", "integer", "Bytes that the build needed at most; once it is final, of servers that say it"},
                  {"server_url", "string?", "The build server, shortened"},
                  {"extra_repos", "object[]", "Pacman repositories that the package asked for",
                   {{"name", "string", ""}, {"url", "string", ""}, {"gpg_key_id", "string", ""}}},
                  {"server_arch", "string", "The architecture it is built for"},
                  {"submission_group", "string", "The same for all builds of one submission"},
                  {"user_id", "integer?", "Who submitted it; null: nobody of this farm"},
                  {"server_unavailable", "boolean", "The server does not answer; what is shown is the last that is known"},
                  {"last_status_update", "number?", "When the server was heard last, seconds since 1970"},
                  {"error_message?", "string", "While the server does not answer"},
                  {"reason", "string", "Why it ended as it did; empty when there is nothing to say"},
                  {"artifacts_ready", "boolean", "Everything that is listed can be downloaded"},
                  {"waiting_reason?", "string", "Why it waits"}} +
           waiting("?");
}

} // namespace

RouteNotes submitBuild()
{
    return {.topic = kBuilds,
            .details = "One build per architecture. A tarball holds a PKGBUILD and its files; the older form sends the "
                       "PKGBUILD and its sources as single files.",
            .parameters = {{"Idempotency-Key?", "string", "The same key gives the first answer again, for 24 hours"}},
            .body = {{"build_tarball?", "file", "PKGBUILD and sources as .tar.gz"},
                     {"pkgbuild?", "file", "A single PKGBUILD, instead of a tarball"},
                     {"sources?", "file[]", "With a single PKGBUILD"},
                     {"architectures?", "string", "Names between commas; default: those of the PKGBUILD"},
                     {"build_timeout?", "integer 300..14400", "Seconds; administrators only"}},
            .answers = {{200, "Accepted and stored",
                         {{"build_id", "string", "Of the first build"},
                          {"status", "string queued", ""},
                          {"message", "string", "For people"},
                          {"pkgname", "string", ""},
                          {"target_architectures", "string[]", "Those that were asked for"},
                          {"pkgbuild_architectures", "string[]", "Those that the PKGBUILD names"},
                          {"builds", "object[]", "One per architecture", queuedBuild()},
                          {"submission_group", "string", "The same for all of these builds"},
                          {"skipped_architectures", "string[]", "Those without a server"},
                          {"warnings?", "string[]", "For people"},
                          {"queue_status", "object", "",
                           {{"queue_size", "integer", ""}, {"builds_queued", "integer", ""}, {"message", "string", ""}}},
                          {"user_id", "integer", ""},
                          {"created_at", "number", "Seconds since 1970"},
                          {"build_timeout?", "integer", "Seconds, when it was given"},
                          {"timeout_set_by?", "string", "Who gave it"}}},
                        {409, "The Idempotency-Key was used for something else"},
                        {413, "Larger than the farm takes"},
                        {503, "No server for any of the architectures"},
                        {507, "No room on the farm's disk"}}};
}

RouteNotes buildStatus()
{
    return {.topic = kBuilds,
            .parameters = {buildId()},
            .answers = {{200, "The build", statusFields()}, {404, "No such build"}}};
}

RouteNotes buildStatusPage()
{
    return {.topic = kBuilds,
            .details = "With format=json the same as status-api.",
            .parameters = {buildId(), {"format?", "string html|json = html", "A page or JSON"}},
            .answers = {{200, "The build", {}, "string", "text/html"}, {404, "No such build"}}};
}

RouteNotes cancelBuild()
{
    return {.topic = kBuilds,
            .details = "Owners cancel their own builds, administrators all.",
            .parameters = {buildId()},
            .answers = {{200, "Taken note of",
                         {{"success", "boolean", "False when the build had ended already"},
                          {"message", "string", "For people"},
                          {"server_response?", "object", "When a server had the build",
                           {{"success", "boolean", ""}, {"message", "string", ""}}}}},
                        {404, "No such build"}}};
}

RouteNotes releaseBuild()
{
    return {.topic = kBuilds,
            .details = "The server may have taken it all the same and build it, too. Without this the farm goes on asking "
                       "that server, and the build fails after lost.giveUpAfter.",
            .parameters = {buildId()},
            .answers = {{200, "It is in the queue, or cancelled if that was asked for",
                         {{"success", "boolean true", ""}, {"message", "string", "For people"}}},
                        {404, "No such build"},
                        {409, "There is no doubt about where it is (build_not_uncertain)"}}};
}

RouteNotes buildOutput()
{
    return {.topic = kBuilds,
            .parameters = {buildId(),
                           {"start_index?", "integer = 0", "The first line, from 0"},
                           {"limit?", "integer 1..1000 = 50", "Lines at most"}},
            .answers = {{200, "Lines",
                         {{"output", "string[]", "The lines"},
                          {"total_lines", "integer", "That the farm has now"},
                          {"start_index", "integer", "As asked for"},
                          {"returned_lines", "integer", ""}}},
                        {404, "No such build"}}};
}

RouteNotes buildStream()
{
    return {.topic = kBuilds,
            .details = "Events output (a line) and complete (the end). Each id is the number of the next line: sent back as "
                       "Last-Event-ID it goes on where it stopped.",
            .parameters = {buildId(),
                           {"start_index?", "integer = 0", "The first line, from 0"},
                           {"Last-Event-ID?", "integer", "Wins over start_index"}},
            .answers = {{200, "Events until the build ends", {}, "string", "text/event-stream"}, {404, "No such build"}}};
}

RouteNotes buildDownload()
{
    return {.topic = kBuilds,
            .details = "Range, If-Range and If-None-Match are honoured. Guests get the end of build.log only.",
            .parameters = {buildId(), {"filename", "string", "A name that the status lists"}},
            .answers = {{200, "The file", {}, "file", "application/octet-stream"},
                        {206, "A part of it", {}, "file", "application/octet-stream"},
                        {304, "The caller has it already", {}, "", ""},
                        {404, "No such build or file"},
                        {416, "No such part"}}};
}

RouteNotes latestBuilds()
{
    return {.topic = kBuilds,
            .parameters = listParameters("integer 1..100 = 20"),
            .answers = {{200, "Newest first",
                         {{"builds", "object[]", "", listedBuild("string", "2024-01-20T10:00:00Z")},
                          {"total", "integer", "How many are listed"}}}}};
}

RouteNotes packageBuilds()
{
    auto parameters = Fields{packageName()} + listParameters("integer 1..100 = 20");
    return {.topic = kBuilds, .parameters = std::move(parameters), .answers = {{200, "Newest first", packageList()}}};
}

RouteNotes latestOfPackage(bool ofArchitecture)
{
    Fields parameters{packageName()};
    if (ofArchitecture)
        parameters.push_back({"arch", "string", "An architecture; any: of all"});
    parameters.push_back(completedOnly());
    return {.topic = kBuilds,
            .parameters = std::move(parameters),
            .answers = {{200, "The build", listedBuild("string", "2024-01-20T10:00:00Z")}, {404, "There is none"}}};
}

RouteNotes latestByArchitecture()
{
    return {.topic = kBuilds,
            .parameters = {packageName(), completedOnly()},
            .answers = {{200, "By architecture", packageList()}}};
}

RouteNotes myBuilds()
{
    return {.topic = kBuilds,
            .parameters = listParameters("integer 1..200 = 50"),
            .answers = {{200, "Newest first",
                         {{"builds", "object[]", "", listedBuild("number", "Seconds since 1970")},
                          {"total", "integer", "How many are listed"},
                          {"user_id", "integer", "Whose they are"}}}}};
}

RouteNotes accountBuilds()
{
    return {.topic = "Accounts",
            .parameters = {{"user_id", "integer", "The account"}, {"limit?", "integer 1..200 = 50", "How many at most"}},
            .answers = {{200, "Newest first",
                         {{"user_id", "integer", ""},
                          {"username", "string", ""},
                          {"builds", "object[]", "", listedBuild("number", "Seconds since 1970")},
                          {"total", "integer", "How many are listed"}}},
                        {404, "No such account"}}};
}

} // namespace apbfarm::api::notes
