// SPDX-License-Identifier: MIT
#include "api/repository_routes.h"

#include "api/query.h"
#include "api/route_notes.h"
#include "util/json_writer.h"

#include <limits>

namespace apbfarm::api {

namespace {

using service::RepositoryWish;

void write(util::JsonWriter& out, const CustomRepository& repository)
{
    out.beginObject().member("id", repository.id).member("name", repository.name).member("url", repository.url);
    out.member("gpg_key_id", repository.gpgKeyId).member("description", repository.description);
    out.member("is_active", repository.active).member("created_at", toEpoch(repository.createdAt));
    out.member("created_by", repository.createdBy).endObject();
}

void answer(HttpResponse& response, const std::string& message, const CustomRepository& repository)
{
    util::JsonWriter out;
    out.beginObject().member("message", message).key("repository");
    write(out, repository);
    response.json(200, out.endObject().take());
}

std::int64_t idOf(const HttpRequest& request)
{
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(checkedNumber("id", request.param("id"), 1, most));
}

/// The fields that the form has; the others stay as in `wish`.
RepositoryWish wishFrom(const HttpRequest& request, RepositoryWish wish)
{
    for (const auto& part : request.parts()) {
        if (part->isFile())
            continue;
        const auto text = std::string(part->text());
        if (part->name() == "name")
            wish.name = text;
        else if (part->name() == "url")
            wish.url = text;
        else if (part->name() == "gpg_key_id")
            wish.gpgKeyId = text;
        else if (part->name() == "description")
            wish.description = text;
        else if (part->name() == "is_active")
            wish.active = checkedFlag("is_active", text);
    }
    return wish;
}

} // namespace

void RepositoryRoutes::declare(RouteTable& routes)
{
    const auto add = [&](Method method, const char* pattern, auto member, BodyKind body, const char* summary, RouteNotes notes) {
        routes.add({.method = method, .pattern = pattern, .access = Access::Admin,
                    .handler = [this, member](const auto& in, auto& out) { (this->*member)(in, out); }, .body = body,
                    .summary = summary, .notes = std::move(notes)});
    };
    add(Method::Get, "/admin/repositories", &RepositoryRoutes::list, BodyKind::None,
        "Pacman repositories that packages may ask for", notes::repositories());
    add(Method::Post, "/admin/repositories", &RepositoryRoutes::create, BodyKind::Form, "Enter a repository",
        notes::newRepository());
    add(Method::Put, "/admin/repositories/{id}", &RepositoryRoutes::update, BodyKind::Form, "Change a repository",
        notes::changedRepository());
    add(Method::Delete, "/admin/repositories/{id}", &RepositoryRoutes::remove, BodyKind::None, "Remove a repository",
        notes::removedRepository());
}

void RepositoryRoutes::list(const HttpRequest&, HttpResponse& response)
{
    util::JsonWriter out;
    out.beginObject().key("repositories").beginArray();
    for (const auto& repository : repositories_.list())
        write(out, repository);
    out.endArray().endObject();
    response.header("Cache-Control", "no-store");
    response.json(200, out.take());
}

void RepositoryRoutes::create(const HttpRequest& request, HttpResponse& response)
{
    const auto made = repositories_.create(wishFrom(request, {}), callerOf(request));
    answer(response, "Repository '" + made.name + "' created successfully", made);
}

void RepositoryRoutes::update(const HttpRequest& request, HttpResponse& response)
{
    const auto id = idOf(request);
    const auto now = repositories_.find(id);
    const auto wish = wishFrom(request, {now.name, now.url, now.gpgKeyId, now.description, now.active});
    const auto made = repositories_.update(id, wish, callerOf(request));
    answer(response, "Repository '" + made.name + "' updated successfully", made);
}

void RepositoryRoutes::remove(const HttpRequest& request, HttpResponse& response)
{
    repositories_.remove(idOf(request), callerOf(request));
    util::JsonWriter out;
    response.json(200, out.beginObject().member("message", "Repository deleted successfully").endObject().take());
}

} // namespace apbfarm::api
