// SPDX-License-Identifier: MIT
#include "api/route_notes.h"

namespace apbfarm::api::notes {

namespace {

using Fields = std::vector<ApiField>;

constexpr const char* kFarm = "Farm";
constexpr const char* kObservation = "Observation";

Fields auditFilters()
{
    return {{"user?", "string", "Only what this account did"},
            {"action?", "string", "Only this action"},
            {"from?", "number", "Not before, seconds since 1970"},
            {"to?", "number", "Before, seconds since 1970"}};
}

Fields auditEvent()
{
    return {{"id", "integer", "Rises with time"},
            {"at", "number", "Seconds since 1970"},
            {"actor", "string", "Who did it; empty: the farm itself"},
            {"action", "string", "login_ok, login_failed, user_created, ..."},
            {"target", "string", "An account, a build"},
            {"address", "string", "Of the client"},
            {"result", "string", ""},
            {"request_id", "string", "As in X-Request-Id and the log"}};
}

Fields server()
{
    return {{"url", "string", "Shortened for everybody but administrators"},
            {"arch", "string", ""},
            {"status", "string online|offline|initializing|misconfigured", ""},
            {"health", "string", ""},
            {"free_slots", "integer", ""},
            {"last_contact", "number?", "Seconds since 1970"},
            {"last_failure", "number?", "When it did not answer last, seconds since 1970"},
            {"consecutive_failures", "integer", "Since it answered last"},
            {"reason?", "string", "What is wrong; administrators only"},
            {"info", "any", "What the server said of itself last; the whole of it for administrators only"}};
}

} // namespace

RouteNotes health()
{
    return {.topic = kFarm,
            .answers = {{200, "It does", {{"status", "string healthy", ""}, {"version", "string", "Of the farm"}}}}};
}

RouteNotes farm()
{
    return {.topic = kFarm,
            .answers = {{200, "Every configured server is listed",
                         {{"status", "string running", ""},
                          {"version", "string", "Of the farm"},
                          {"servers", "object[]", "", server()},
                          {"available_architectures", "string[]", "Those with a server that can build"},
                          {"total_servers", "integer", ""},
                          {"authenticated", "boolean", "Whether the caller is signed in"},
                          {"user_role", "string guest|user|admin", "Of the caller"}}}}};
}

RouteNotes ready()
{
    const Fields fields{{"ready", "boolean", ""},
                        {"components", "object[]", "",
                         {{"name", "string", ""}, {"ready", "boolean", ""}, {"detail", "string", "What to look after"}}}};
    return {.topic = kObservation, .answers = {{200, "Every part works", fields}, {503, "Some part does not", fields}}};
}

RouteNotes tasks()
{
    const Fields task{{"name", "string", ""},
                      {"summary", "string", "What it does"},
                      {"running", "integer", "Runs under way"},
                      {"runs", "integer", "Finished ones since the start"},
                      {"failures", "integer", "Of those"},
                      {"last_started_at", "number?", "Seconds since 1970"},
                      {"last_ended_at", "number?", "Seconds since 1970"},
                      {"last_seconds", "number", "How long the last run took"},
                      {"total_seconds", "number", "All runs together"},
                      {"next_run_at", "number?", "At the latest; null: when something happens"},
                      {"last_failure", "string?", ""},
                      {"last_failure_at", "number?", "Seconds since 1970"}};
    return {.topic = kObservation, .answers = {{200, "Since the start", {{"tasks", "object[]", "", task}}}}};
}

RouteNotes audit()
{
    auto parameters = auditFilters();
    parameters.push_back({"limit?", "integer 1..1000 = 100", "How many at most"});
    parameters.push_back({"offset?", "integer = 0", "How many of the newest are left out"});
    return {.topic = kObservation,
            .parameters = std::move(parameters),
            .answers = {{200, "Newest first",
                         {{"events", "object[]", "", auditEvent()},
                          {"total", "integer", "How many there are with these filters"}}}}};
}

RouteNotes auditExport()
{
    auto parameters = auditFilters();
    parameters.push_back({"format?", "string csv|jsonl = csv", "Comma-separated, or one JSON object per line"});
    return {.topic = kObservation,
            .parameters = std::move(parameters),
            .answers = {{200, "Oldest first, as a file", {}, "string", "text/csv"}}};
}

RouteNotes metrics()
{
    return {.topic = kObservation,
            .details = "Who may read them is set by http.metricsAccess.",
            .answers = {{200, "In the text format of Prometheus", {}, "string", "text/plain"}}};
}

RouteNotes apiDescription()
{
    return {.topic = kObservation, .answers = {{200, "OpenAPI 3.1", {}, "any"}}};
}

} // namespace apbfarm::api::notes
