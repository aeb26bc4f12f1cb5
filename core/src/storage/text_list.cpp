// SPDX-License-Identifier: MIT
#include "storage/text_list.h"

#include "util/json_writer.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

namespace apbfarm::storage {

namespace {

std::vector<std::string> decodeAny(std::string_view json)
{
    try {
        Poco::JSON::Parser parser;
        const auto array = parser.parse(std::string(json)).extract<Poco::JSON::Array::Ptr>();
        std::vector<std::string> list;
        for (const auto& entry : *array)
            list.push_back(entry.convert<std::string>());
        return list;
    } catch (const Poco::Exception&) {
        return {};
    }
}

} // namespace

std::string encodeList(const std::vector<std::string>& list)
{
    return list.empty() ? std::string() : util::JsonWriter().value(list).take();
}

/// What `encodeList` wrote is read without building a tree: a page of builds has hundreds of such lists.
std::vector<std::string> decodeList(std::string_view json)
{
    if (json.empty() || json == "[]")
        return {};
    if (json.front() != '[' || json.find('\\') != std::string_view::npos)
        return decodeAny(json);
    std::vector<std::string> list;
    for (std::size_t at = json.find('"'); at != std::string_view::npos; at = json.find('"', at)) {
        const auto end = json.find('"', at + 1);
        if (end == std::string_view::npos)
            return decodeAny(json);
        list.emplace_back(json.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return list;
}

} // namespace apbfarm::storage
