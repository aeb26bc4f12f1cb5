// SPDX-License-Identifier: MIT
#include "api/admin_pages.h"

#include "api/query.h"
#include "api/route_notes.h"
#include "util/json_reader.h"
#include "util/json_writer.h"

namespace apbfarm::api {

namespace {

constexpr const char* kServerField = "server";

std::string textOf(const Poco::JSON::Object& body, const char* name)
{
    const auto value = body.get(name);
    if (!value.isString())
        throw InvalidInput(std::string("The field '") + name + "' must be a text", "invalid_input",
                           {{name, "must be a text"}});
    return value.extract<std::string>();
}

void answer(HttpResponse& response, bool success, const std::string& message)
{
    util::JsonWriter out;
    out.beginObject().member("success", success).member("message", message).endObject();
    response.json(200, out.take());
}

} // namespace

/// Servers are named in the body: their ids are addresses, which do not fit into a path.
void AdminPages::declareServerActions(RouteTable& routes)
{
    using Action = std::function<std::string(const std::string&, const Poco::JSON::Object&, const service::Caller&)>;
    const auto add = [&](Method method, const char* pattern, Action action, const char* summary,
                         RouteNotes notes) {
        routes.add({.method = method, .pattern = pattern, .access = Access::Admin,
                    .handler = [action = std::move(action)](const HttpRequest& in, HttpResponse& out) {
                        const auto body = util::parseJsonObject(in.body());
                        answer(out, true, action(textOf(*body, kServerField), *body, callerOf(in)));
                    },
                    .body = BodyKind::Json, .summary = summary, .notes = std::move(notes)});
    };
    auto& care = context_.care;
    add(Method::Post, "/admin/servers/drain", [&care](const auto& server, const auto&, const auto& caller) {
        care.drain(server, caller);
        return std::string("No new builds go to this server. Those there go on.");
    }, "Give a build server no new builds", notes::serverAction());
    add(Method::Post, "/admin/servers/resume", [&care](const auto& server, const auto&, const auto& caller) {
        care.resume(server, caller);
        return std::string("The server takes builds again.");
    }, "Let a drained build server take builds again", notes::serverAction());
    add(Method::Put, "/admin/servers/note", [&care](const auto& server, const auto& body, const auto& caller) {
        care.setNote(server, textOf(body, "note"), caller);
        return std::string("The note is kept.");
    }, "Note something about a build server", notes::serverNote());
    routes.add({.method = Method::Post, .pattern = "/admin/servers/test", .access = Access::Admin,
                .handler = [&care](const HttpRequest& in, HttpResponse& out) {
                    const auto trial = care.test(textOf(*util::parseJsonObject(in.body()), kServerField), callerOf(in));
                    answer(out, trial.answered, trial.sentence);
                },
                .body = BodyKind::Json, .summary = "Ask a build server how it is, now",
                .notes = notes::serverAction()});
}

} // namespace apbfarm::api
