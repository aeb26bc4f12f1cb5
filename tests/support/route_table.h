// SPDX-License-Identifier: MIT
#pragma once

#include "support/packages.h"

#include "util/json_reader.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace apbfarm::test {

/// A value that a route takes, as the farm's own description of its route table has it.
struct DeclaredValue {
    std::string name;
    std::string place;                   ///< path, query, header; empty for a field of the body
    std::string type;                    ///< string, integer, number, boolean, array, object
    bool nullable = false;
    bool required = false;
    std::vector<std::string> words;      ///< the only ones allowed; empty: any
    std::optional<double> lowest, highest;
};

struct DeclaredRoute {
    std::string method;                  ///< "GET"
    std::string path;                    ///< "/build/{id}/status"
    std::string access;                  ///< guest, user, admin
    std::string topic;
    std::string bodyKind;                ///< json, form or empty
    bool isPage = false;                 ///< answers people: HTML, also where it refuses
    std::vector<DeclaredValue> parameters;
    std::vector<DeclaredValue> fields;

    std::string title() const { return method + " " + path; }
    /// With `value` for the one name and what `others` says for the rest; whoever is not there is "nothing".
    std::string pathWith(const std::map<std::string, std::string>& others) const
    {
        std::string text;
        for (std::size_t at = 0; at < path.size();) {
            const auto open = std::min(path.find('{', at), path.size());
            text += path.substr(at, open - at);
            if (open == path.size())
                break;
            const auto close = path.find('}', open);
            const auto found = others.find(path.substr(open + 1, close - open - 1));
            text += found == others.end() ? "nothing" : found->second;
            at = close + 1;
        }
        return text;
    }
};

namespace description {

using Object = Poco::JSON::Object;

inline std::vector<std::string> texts(const Object& object, const std::string& name)
{
    std::vector<std::string> list;
    if (const auto array = object.getArray(name))
        for (const auto& value : *array)
            list.push_back(value.toString());
    return list;
}

inline DeclaredValue value(const std::string& name, const Object& schema)
{
    DeclaredValue value;
    value.name = name;
    if (schema.isArray("type")) {
        for (const auto& type : texts(schema, "type"))
            type == "null" ? void(value.nullable = true) : void(value.type = type);
    } else {
        value.type = schema.optValue<std::string>("type", "");
    }
    value.words = texts(schema, "enum");
    if (schema.has("minimum"))
        value.lowest = schema.getValue<double>("minimum");
    if (schema.has("maximum"))
        value.highest = schema.getValue<double>("maximum");
    return value;
}

inline void readBody(DeclaredRoute& route, const Object& operation)
{
    const auto body = operation.getObject("requestBody");
    if (!body)
        return;
    const auto& [type, media] = *body->getObject("content")->begin();
    route.bodyKind = type == "application/json" ? "json" : "form";
    const auto schema = media.extract<Object::Ptr>()->getObject("schema");
    const auto required = texts(*schema, "required");
    if (const auto properties = schema->getObject("properties"))
        for (const auto& [name, field] : *properties) {
            route.fields.push_back(value(name, *field.extract<Object::Ptr>()));
            route.fields.back().required = std::ranges::find(required, name) != required.end();
        }
}

inline DeclaredRoute route(const std::string& method, const std::string& path, const Object& operation)
{
    DeclaredRoute route;
    std::ranges::transform(method, std::back_inserter(route.method), [](unsigned char c) { return std::toupper(c); });
    route.path = path;
    route.access = operation.getValue<std::string>("x-access");
    route.topic = operation.getArray("tags")->getElement<std::string>(0);
    for (const auto& entry : *operation.getArray("parameters")) {
        const auto& parameter = *entry.extract<Object::Ptr>();
        route.parameters.push_back(value(parameter.getValue<std::string>("name"), *parameter.getObject("schema")));
        route.parameters.back().place = parameter.getValue<std::string>("in");
    }
    readBody(route, operation);
    if (const auto good = operation.getObject("responses")->getObject("200"); good && good->has("content"))
        route.isPage = good->getObject("content")->has("text/html");
    return route;
}

} // namespace description

/// Of an account, for administrators.
inline std::string accountId(const HttpClient& admin, const std::string& name)
{
    const auto list = util::parseJsonObject("{\"users\":" + admin.get("/auth/users").body + "}")->getArray("users");
    for (unsigned i = 0; i < list->size(); ++i)
        if (list->getObject(i)->getValue<std::string>("username") == name)
            return list->getObject(i)->getValue<std::string>("id");
    throw std::runtime_error("no account " + name);
}

/// Every route of a running farm, from `GET /openapi.json`, which the farm makes from its route table.
inline std::vector<DeclaredRoute> declaredRoutes(const HttpClient& client)
{
    std::vector<DeclaredRoute> routes;
    const auto document = json(client.get("/openapi.json"));
    for (const auto& [path, item] : *document->getObject("paths"))
        for (const auto& [method, operation] : *item.extract<description::Object::Ptr>())
            routes.push_back(description::route(method, path, *operation.extract<description::Object::Ptr>()));
    return routes;
}

} // namespace apbfarm::test
