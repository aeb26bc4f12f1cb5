// SPDX-License-Identifier: MIT
#include "http/part_header.h"

#include "http/characters.h"
#include "http/protocol_errors.h"
#include "util/text.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace apbfarm::http {

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] void malformed(const char* what)
{
    throw badRequest(what, "bad_multipart");
}

/// The text of a quoted string; `at` stands behind the opening quote and is left behind the closing one.
/// A backslash only escapes a quote or itself: old browsers send paths with backslashes.
std::string takeQuoted(std::string_view value, std::size_t& at)
{
    std::string out;
    for (; at < value.size(); ++at) {
        if (value[at] == '"') {
            ++at;
            return out;
        }
        const bool escapes = value[at] == '\\' && at + 1 < value.size() && (value[at + 1] == '"' || value[at + 1] == '\\');
        out += value[escapes ? ++at : at];
    }
    malformed("A quoted header parameter has no end.");
}

std::string takeUnquoted(std::string_view value, std::size_t& at)
{
    const auto end = std::min(value.find_first_of("; \t", at), value.size());
    const auto text = value.substr(at, end - at);
    if (!isToken(text))
        malformed("A header parameter is malformed.");
    at = end;
    return std::string(text);
}

void skipBlanks(std::string_view value, std::size_t& at)
{
    at = std::min(value.find_first_not_of(" \t", at), value.size());
}

/// All behind the first semicolon, names in lower case.
Parameters parseParameters(std::string_view value)
{
    Parameters parameters;
    auto at = std::min(value.find(';'), value.size());
    while (at < value.size()) {
        skipBlanks(value, ++at);
        if (at == value.size())
            break;
        const auto equals = std::min(value.find('=', at), value.size());
        auto name = util::toLower(value.substr(at, equals - at));
        if (!isToken(name) || equals == value.size())
            malformed("A header parameter is malformed.");
        at = equals + 1;
        const bool quoted = at < value.size() && value[at] == '"';
        auto text = quoted ? takeQuoted(value, ++at) : takeUnquoted(value, at);
        if (std::any_of(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; }))
            malformed("A header parameter is given twice.");
        parameters.emplace_back(std::move(name), std::move(text));
        skipBlanks(value, at);
        if (at < value.size() && value[at] != ';')
            malformed("A header parameter is malformed.");
    }
    return parameters;
}

const std::string* find(const Parameters& parameters, std::string_view name)
{
    for (const auto& [key, text] : parameters)
        if (key == name)
            return &text;
    return nullptr;
}

/// RFC 8187, as older Python libraries send names that are not ASCII: UTF-8''na%C3%AFve.txt
std::string decodeExtended(std::string_view text)
{
    constexpr std::string_view prefix = "utf-8''";
    if (!util::equalsIgnoringCase(text.substr(0, prefix.size()), prefix))
        malformed("An extended file name must be UTF-8.");
    std::string out;
    for (auto i = prefix.size(); i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
        const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
        if (text[i] == '%' && low < 0)
            malformed("An extended file name is malformed.");
        out += low < 0 ? text[i] : static_cast<char>(high * 16 + low);
        i += low < 0 ? 0 : 2;
    }
    return out;
}

void checkText(const std::string& text)
{
    if (std::any_of(text.begin(), text.end(), isControl) || !util::isUtf8(text))
        malformed("A name in a part header is not clean UTF-8 text.");
}

PartHeader readDisposition(std::string_view value)
{
    const auto type = util::trim(value.substr(0, std::min(value.find(';'), value.size())));
    if (!util::equalsIgnoringCase(type, "form-data"))
        malformed("A part is not form-data.");
    const auto parameters = parseParameters(value);
    const auto* name = find(parameters, "name");
    const auto* plain = find(parameters, "filename");
    const auto* extended = find(parameters, "filename*");
    if (!name || name->empty())
        malformed("A part has no name.");
    if (plain && extended)
        malformed("A part has two file names.");
    PartHeader header{*name, plain ? *plain : extended ? decodeExtended(*extended) : std::string(), plain || extended};
    checkText(header.name);
    checkText(header.filename);
    return header;
}

bool isPlainEncoding(std::string_view value)
{
    return util::equalsIgnoringCase(value, "binary") || util::equalsIgnoringCase(value, "8bit") ||
           util::equalsIgnoringCase(value, "7bit");
}

} // namespace

std::string headerParameter(std::string_view value, std::string_view name)
{
    const auto parameters = parseParameters(value);
    const auto* text = find(parameters, name);
    return text ? *text : std::string();
}

PartHeader parsePartHeader(std::string_view lines)
{
    std::vector<std::string> seen;
    std::string_view disposition;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(line.size() + 2);
        const auto colon = std::min(line.find(':'), line.size());
        const auto name = util::toLower(line.substr(0, colon));
        if (!isToken(name) || colon == line.size() || !isHeaderValue(line))
            malformed("The header of a part is malformed.");
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            malformed("A part has a header field twice.");
        const auto value = util::trim(line.substr(colon + 1));
        if (name == "content-disposition")
            disposition = value;
        else if (name == "content-transfer-encoding" && !isPlainEncoding(value))
            malformed("Parts with a transfer encoding are not accepted.");
        seen.push_back(name);
    }
    return readDisposition(disposition);
}

} // namespace apbfarm::http
