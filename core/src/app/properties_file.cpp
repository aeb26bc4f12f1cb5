// SPDX-License-Identifier: MIT
#include "app/properties_file.h"

#include "util/text.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace apbfarm::app {

namespace {

constexpr std::uintmax_t kMaxFileSize = 1 << 20;

bool isKey(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '_' || c == '-';
    });
}

/// Gives logical lines: continuations are joined by nothing, blanks at the start of a continuation are dropped.
class Lines {
public:
    Lines(std::string_view text, const std::string& fileName) : text_(text), fileName_(fileName) {}

    bool next(std::string& line)
    {
        line.clear();
        if (at_ >= text_.size())
            return false;
        first_ = number_ + 1;
        std::string_view physical = takePhysical();
        const bool comment = util::trim(physical).starts_with('#');
        while (!comment && physical.ends_with('\\')) {
            line += physical.substr(0, physical.size() - 1);
            if (at_ >= text_.size())
                throw ConfigError(origin(), "the file ends in the middle of a continued line");
            physical = util::trim(takePhysical());
        }
        line += physical;
        return true;
    }

    std::string origin() const { return fileName_ + ":" + std::to_string(first_); }

private:
    std::string_view takePhysical()
    {
        const auto end = std::min(text_.find('\n', at_), text_.size());
        auto line = text_.substr(at_, end - at_);
        at_ = end + 1;
        ++number_;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        return line;
    }

    std::string_view text_;
    const std::string& fileName_;
    std::size_t at_ = 0;
    int number_ = 0;
    int first_ = 0;
};

} // namespace

ConfigValues parseProperties(std::string_view text, const std::string& fileName)
{
    if (!util::isUtf8(text))
        throw ConfigError(fileName, "the file is not UTF-8 text");
    ConfigValues values;
    Lines lines(text, fileName);
    for (std::string line; lines.next(line);) {
        const auto content = util::trim(line);
        if (content.empty() || content.starts_with('#'))
            continue;
        const auto equals = content.find('=');
        const auto key = util::trim(content.substr(0, equals));
        if (equals == content.npos || !isKey(key))
            throw ConfigError(lines.origin(), "expected 'key = value', found '" + util::oneLine(content, 80) + "'");
        const auto value = util::trim(content.substr(equals + 1));
        const auto [place, isNew] = values.try_emplace(std::string(key), ConfigValue{std::string(value), lines.origin()});
        if (!isNew)
            throw ConfigError(lines.origin(), "the key '" + std::string(key) + "' was already set at "
                                                  + place->second.origin + "; remove one of the two");
    }
    return values;
}

std::string readConfigFile(const std::filesystem::path& file)
{
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        throw ConfigError(file.string(), "this is a folder, not a file");
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw ConfigError(file.string(), std::string("the file cannot be read: ") + std::strerror(errno));
    if (const auto size = std::filesystem::file_size(file, error); !error && size > kMaxFileSize)
        throw ConfigError(file.string(), "the file is larger than one megabyte; this is hardly a configuration");
    std::ostringstream content;
    content << in.rdbuf();
    return content.str();
}

ConfigValues readProperties(const std::filesystem::path& file)
{
    return parseProperties(readConfigFile(file), file.string());
}

} // namespace apbfarm::app
