// SPDX-License-Identifier: MIT
#include "api/openapi_schema.h"

#include "util/text.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace apbfarm::api {

namespace {

using util::JsonWriter;

/// "integer[]? 1..100 = 20" taken apart.
struct Type {
    std::string base, range, standard;
    std::vector<std::string> words;
    bool list = false, nullable = false;
};

bool cutEnd(std::string& text, std::string_view end)
{
    if (!text.ends_with(end))
        return false;
    text.resize(text.size() - end.size());
    return true;
}

Type parse(std::string_view text)
{
    Type type;
    const auto equals = text.find(" = ");
    if (equals != text.npos)
        type.standard = text.substr(equals + 3);
    text = text.substr(0, equals);
    const auto blank = std::min(text.find(' '), text.size());
    type.base = text.substr(0, blank);
    const auto rest = util::trim(text.substr(blank));
    if (rest.find("..") != rest.npos)
        type.range = rest;
    else if (!rest.empty())
        type.words = util::splitList(rest, '|');
    type.nullable = cutEnd(type.base, "?");
    type.list = cutEnd(type.base, "[]");
    constexpr std::array known{"string", "integer", "number", "boolean", "object", "file", "any"};
    if (std::ranges::find(known, type.base) == known.end())
        throw std::logic_error("API description: unknown type '" + std::string(text) + "'");
    return type;
}

/// Numbers and flags as they are, all else as text.
void writeValue(JsonWriter& out, const Type& type, const std::string& value)
{
    type.base == "string" ? out.value(value) : out.raw(value);
}

void writeFields(JsonWriter& out, const std::vector<ApiField>& fields)
{
    out.key("properties").beginObject();
    for (const auto& field : fields) {
        out.key(nameOf(field));
        writeSchema(out, field.type, field.fields, field.summary);
    }
    out.endObject();
    if (std::ranges::all_of(fields, mayBeAbsent))
        return;
    out.key("required").beginArray();
    for (const auto& field : fields)
        if (!mayBeAbsent(field))
            out.value(nameOf(field));
    out.endArray();
}

void writeOne(JsonWriter& out, const Type& type, bool nullable, const std::vector<ApiField>& fields)
{
    if (type.base == "any")
        return;
    const std::string name = type.base == "file" ? "string" : type.base;
    out.key("type");
    nullable ? out.value(std::vector<std::string>{name, "null"}) : out.value(name);
    if (type.base == "file")
        out.member("contentMediaType", "application/octet-stream");
    if (!type.words.empty())
        out.member("enum", type.words);
    if (const auto dots = type.range.find(".."); dots != type.range.npos)
        out.key("minimum").raw(type.range.substr(0, dots)).key("maximum").raw(type.range.substr(dots + 2));
    if (type.base == "object" && !fields.empty())
        writeFields(out, fields);
}

} // namespace

std::string_view nameOf(const ApiField& field)
{
    const std::string_view name = field.name;
    return mayBeAbsent(field) ? name.substr(0, name.size() - 1) : name;
}

bool mayBeAbsent(const ApiField& field)
{
    return field.name.ends_with('?');
}

void writeSchema(JsonWriter& out, std::string_view text, const std::vector<ApiField>& fields, std::string_view summary)
{
    const auto type = parse(text);
    out.beginObject();
    if (!type.list) {
        writeOne(out, type, type.nullable, fields);
    } else {
        out.key("type");
        type.nullable ? out.value(std::vector<std::string>{"array", "null"}) : out.value("array");
        out.key("items").beginObject();
        writeOne(out, type, false, fields);
        out.endObject();
    }
    if (!type.standard.empty())
        writeValue(out.key("default"), type, type.standard);
    if (!summary.empty())
        out.member("description", summary);
    out.endObject();
}

} // namespace apbfarm::api
