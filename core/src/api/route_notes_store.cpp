// SPDX-License-Identifier: MIT
#include "api/route_notes.h"

namespace apbfarm::api::notes {

namespace {

using Fields = std::vector<ApiField>;

constexpr const char* kCache = "Kept files";
constexpr const char* kRepositories = "Repositories";

Fields repository()
{
    return {{"id", "integer", ""},
            {"name", "string", ""},
            {"url", "string", ""},
            {"gpg_key_id", "string", "The key that signs it"},
            {"description", "string", ""},
            {"is_active", "boolean", "Whether packages may ask for it"},
            {"created_at", "number", "Seconds since 1970"},
            {"created_by", "integer", "The account that entered it"}};
}

Fields form(const std::string& absent)
{
    return {{"name" + absent, "string", "As packages name it"},
            {"url" + absent, "string", "http or https"},
            {"gpg_key_id" + absent, "string", "8 to 40 hexadecimal digits"},
            {"description?", "string", ""},
            {"is_active?", "boolean", ""}};
}

Fields changed()
{
    return {{"message", "string", ""}, {"repository", "object", "", repository()}};
}

ApiField repositoryId()
{
    return {"id", "integer", "The repository"};
}

} // namespace

RouteNotes cache()
{
    return {.topic = kCache,
            .answers = {{200, "Now",
                         {{"enabled", "boolean", "Without, files stay for a day"},
                          {"retention_days", "integer", "0: for ever"},
                          {"directory", "string", ""},
                          {"max_size_mb", "integer", "0: no limit"},
                          {"total_artifacts", "integer", "Files of builds"},
                          {"total_size_bytes", "integer", "Content that builds share counts once"},
                          {"total_size_mb", "number", ""},
                          {"expired_artifacts", "integer", "Those that go for their age"},
                          {"oldest_cache_timestamp", "number?", "Seconds since 1970"},
                          {"oldest_cache_age_days", "number?", ""}}}}};
}

RouteNotes cacheCleanup()
{
    return {.topic = kCache,
            .details = "The same runs by itself every cache.cleanupInterval. What is younger than an hour stays.",
            .answers = {{200, "Done",
                         {{"success", "boolean", ""},
                          {"message", "string", ""},
                          {"removed_artifacts", "integer", "Files of builds"},
                          {"freed_bytes", "integer", "On the disk"}}}}};
}

RouteNotes repositories()
{
    return {.topic = kRepositories,
            .details = "A package asks for them with apb_extra_repos=(\"name::url\") in its PKGBUILD.",
            .answers = {{200, "By name", {{"repositories", "object[]", "", repository()}}}}};
}

RouteNotes newRepository()
{
    return {.topic = kRepositories, .body = form(""), .answers = {{200, "Entered", changed()}, {409, "The name is taken"}}};
}

RouteNotes changedRepository()
{
    return {.topic = kRepositories,
            .details = "Fields that are left out stay as they are.",
            .parameters = {repositoryId()},
            .body = form("?"),
            .answers = {{200, "Changed", changed()}, {404, "No such repository"}, {409, "The name is taken"}}};
}

RouteNotes removedRepository()
{
    return {.topic = kRepositories,
            .parameters = {repositoryId()},
            .answers = {{200, "Removed", {{"message", "string", ""}}}, {404, "No such repository"}}};
}

} // namespace apbfarm::api::notes
