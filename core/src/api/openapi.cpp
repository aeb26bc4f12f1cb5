// SPDX-License-Identifier: MIT
#include "api/openapi.h"

#include "api/openapi_schema.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

namespace apbfarm::api {

namespace {

using util::JsonWriter;

constexpr const char* kErrorReference = R"({"$ref":"#/components/schemas/Error"})";

std::string_view methodOf(const Route& route)
{
    switch (route.method) {
    case Method::Get: return "get";
    case Method::Post: return "post";
    case Method::Put: return "put";
    default: return "delete";
    }
}

/// "get_build_id_status": stable as long as the route is.
std::string operationId(const Route& route)
{
    std::string id(methodOf(route));
    for (const char c : route.pattern)
        if (std::isalnum(static_cast<unsigned char>(c)))
            id += c;
        else if (id.back() != '_')
            id += '_';
    while (id.back() == '_')
        id.pop_back();
    return id;
}

bool isInPath(const Route& route, std::string_view name)
{
    return route.pattern.find("{" + std::string(name) + "}") != std::string::npos;
}

/// The names between braces.
std::vector<std::string> pathNames(const Route& route)
{
    std::vector<std::string> names;
    for (std::size_t open = route.pattern.find('{'); open != std::string::npos; open = route.pattern.find('{', open + 1))
        names.push_back(route.pattern.substr(open + 1, route.pattern.find('}', open) - open - 1));
    return names;
}

void writeParameter(JsonWriter& out, const Route& route, const ApiField& field)
{
    const auto name = nameOf(field);
    const bool path = isInPath(route, name);
    if (!path && !mayBeAbsent(field))
        throw std::logic_error("API description: " + route.pattern + " has no {" + std::string(name) + "}");
    const bool header = std::isupper(static_cast<unsigned char>(name.front())) != 0;
    out.beginObject().member("name", name).member("in", path ? "path" : header ? "header" : "query");
    out.member("required", path).member("description", field.summary).key("schema");
    writeSchema(out, field.type, {});
    out.endObject();
}

void writeParameters(JsonWriter& out, const Route& route)
{
    auto fields = route.notes.parameters;
    for (const auto& name : pathNames(route))
        if (std::ranges::none_of(fields, [&](const ApiField& field) { return nameOf(field) == name; }))
            fields.push_back({name, "string", ""});
    out.key("parameters").beginArray();
    for (const auto& field : fields)
        writeParameter(out, route, field);
    out.endArray();
}

void writeBody(JsonWriter& out, const Route& route)
{
    if (route.body == BodyKind::None)
        return;
    const auto& fields = route.notes.body;
    const bool needed = std::ranges::any_of(fields, [](const ApiField& field) { return !mayBeAbsent(field); });
    out.key("requestBody").beginObject().member("required", needed || route.body == BodyKind::Json);
    out.key("content").beginObject();
    out.key(route.body == BodyKind::Json ? "application/json" : "multipart/form-data").beginObject().key("schema");
    writeSchema(out, "object", fields);
    out.endObject().endObject().endObject();
}

void writeAnswer(JsonWriter& out, int status, const ApiAnswer& answer)
{
    out.key(std::to_string(status)).beginObject().member("description", answer.summary);
    const bool error = status >= 400 && answer.fields.empty();
    if (error || !answer.contentType.empty()) {
        out.key("content").beginObject().key(answer.contentType).beginObject().key("schema");
        error ? void(out.raw(kErrorReference)) : writeSchema(out, answer.type, answer.fields);
        out.endObject().endObject();
    }
    out.endObject();
}

/// What the route says, and what the front answers to every route of its kind.
std::map<int, ApiAnswer> answersOf(const Route& route)
{
    std::map<int, ApiAnswer> answers;
    answers[400] = {400, "The request is not as described"};
    if (route.access != Access::Guest)
        answers[401] = {401, "Not signed in"};
    if (route.access != Access::Guest || route.method != Method::Get)
        answers[403] = {403, "Not allowed"};
    if (route.body != BodyKind::None)
        answers[413] = {413, "The body is too large"};
    answers[503] = {503, "Not now; Retry-After says when to try again"};
    for (const auto& answer : route.notes.answers)
        answers[answer.status] = answer;
    return answers;
}

void writeOperation(JsonWriter& out, const Route& route)
{
    const auto& notes = route.notes;
    out.key(methodOf(route)).beginObject();
    out.member("operationId", operationId(route)).member("summary", route.summary);
    if (!notes.details.empty())
        out.member("description", notes.details);
    out.member("tags", std::vector<std::string>{notes.topic.empty() ? "Other" : notes.topic});
    out.member("x-access", route.access == Access::Guest ? "guest" : route.access == Access::User ? "user" : "admin");
    writeParameters(out, route);
    writeBody(out, route);
    out.key("responses").beginObject();
    for (const auto& [status, answer] : answersOf(route))
        writeAnswer(out, status, answer);
    out.endObject().key("security").beginArray();
    if (route.access == Access::Guest)
        out.beginObject().endObject();
    out.beginObject().key("token").beginArray().endArray().endObject();
    out.endArray().endObject();
}

void writeComponents(JsonWriter& out)
{
    const std::vector<ApiField> error{
        {"error", "string", "What went wrong, in a few words"},
        {"detail", "any", "The same for people, in whole sentences"},
        {"error_type", "string", "A stable code for programs"},
        {"timestamp", "string", "When"},
        {"request_id", "string", "The same as in the farm's log"},
        {"fields?", "object[]", "What is wrong with each field", {{"field", "string", ""}, {"message", "string", ""}}}};
    out.key("components").beginObject().key("schemas").beginObject().key("Error");
    writeSchema(out, "object", error);
    out.endObject().key("securitySchemes").beginObject().key("token").beginObject();
    out.member("type", "http").member("scheme", "bearer").member("description", "The token of POST /auth/login");
    out.endObject().endObject().endObject();
}

std::vector<std::string> topicsOf(const std::vector<std::unique_ptr<Route>>& routes)
{
    std::vector<std::string> topics;
    for (const auto& route : routes) {
        const auto& topic = route->notes.topic.empty() ? "Other" : route->notes.topic;
        if (std::ranges::find(topics, topic) == topics.end())
            topics.push_back(topic);
    }
    return topics;
}

} // namespace

std::string openApiDocument(const std::vector<std::unique_ptr<Route>>& routes, const std::string& version)
{
    std::map<std::string, std::vector<const Route*>> paths;
    for (const auto& route : routes)
        paths[route->pattern].push_back(route.get());
    JsonWriter out;
    out.beginObject().member("openapi", "3.1.0");
    out.key("info").beginObject().member("title", "APB Farm").member("version", version);
    out.member("description", "Control plane of a package build farm.");
    out.key("license").beginObject().member("name", "MIT").member("identifier", "MIT").endObject().endObject();
    out.key("servers").beginArray().beginObject().member("url", "/").endObject().endArray();
    out.key("tags").beginArray();
    for (const auto& topic : topicsOf(routes))
        out.beginObject().member("name", topic).endObject();
    out.endArray().key("paths").beginObject();
    for (const auto& [pattern, operations] : paths) {
        out.key(pattern).beginObject();
        for (const auto* route : operations)
            writeOperation(out, *route);
        out.endObject();
    }
    out.endObject();
    writeComponents(out);
    return out.endObject().take();
}

} // namespace apbfarm::api
