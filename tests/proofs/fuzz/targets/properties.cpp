// SPDX-License-Identifier: MIT
#include "property.h"

#include "app/properties_file.h"
#include "util/text.h"

namespace apbfarm::fuzz {

namespace {

std::string written(const app::ConfigValues& values)
{
    std::string text;
    for (const auto& [key, value] : values)
        text += key + " = " + value.text + "\n";
    return text;
}

}

void tryInput(std::string_view bytes)
{
    try {
        const auto values = app::parseProperties(bytes, "farm.properties");
        bool isPlain = true;
        for (const auto& [key, value] : values) {
            require(!key.empty() && isMadeOf(key, joined({kLower, kUpper, kDigits, "._-"})), "keys are words");
            require(value.origin.starts_with("farm.properties:"), "an origin names file and line (O1)");
            require(value.text.find('\n') == std::string::npos && util::trim(value.text) == value.text, "values are one line");
            isPlain = isPlain && !value.text.ends_with('\\');
        }
        if (isPlain)
            require(written(app::parseProperties(written(values), "again")) == written(values), "written and read again");
    } catch (const app::ConfigError& error) {
        require(std::string_view(error.what()).starts_with("farm.properties"), "the sentence names the file (O1)");
        require(!hasControls(error.what()), "it is one line");
    }
}

}
