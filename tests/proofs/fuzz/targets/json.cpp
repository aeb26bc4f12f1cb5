// SPDX-License-Identifier: MIT
#include "property.h"

#include "util/json_reader.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <Poco/JSON/Array.h>

namespace apbfarm::fuzz {

namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

void walk(const Var& value, int depth)
{
    if (value.type() == typeid(Object::Ptr)) {
        require(depth < 16, "at most 16 levels (H17)");
        for (const auto& [key, member] : *value.extract<Object::Ptr>()) {
            require(util::isUtf8(key), "keys are UTF-8 (H17)");
            walk(member, depth + 1);
        }
    } else if (value.type() == typeid(Array::Ptr)) {
        require(depth < 16, "at most 16 levels (H17)");
        for (const auto& item : *value.extract<Array::Ptr>())
            walk(item, depth + 1);
    } else if (value.isString()) {
        require(util::isUtf8(value.extract<std::string>()), "texts are UTF-8, whatever their escapes say (H17)");
    }
}

}

void tryInput(std::string_view bytes)
{
    try {
        walk(util::parseJsonObject(bytes), 0);
        require(util::trim(bytes).starts_with('{') && util::trim(bytes).ends_with('}'), "an object and nothing behind it");
    } catch (const InvalidInput& error) {
        require(error.code() == "invalid_json" && !hasControls(error.what()), "a refusal is one line");
    } catch (const TooLarge&) {
        require(bytes.size() > 64 * 1024, "only large texts are too large (H17)");
    }
}

}
