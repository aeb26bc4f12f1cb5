// SPDX-License-Identifier: MIT
#include "util/json_writer.h"

#include "util/text.h"

#include <charconv>
#include <cmath>

namespace apbfarm::util {

namespace {

void appendEscaped(std::string& out, std::string_view text)
{
    constexpr char digits[] = "0123456789abcdef";
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        out.append(text.substr(copied, i - copied));
        copied = i + 1;
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: out += "\\u00"; out += digits[c >> 4]; out += digits[c & 15];
        }
    }
    out.append(text.substr(copied));
}

template <class Number> void appendNumber(std::string& out, Number number)
{
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

} // namespace

void JsonWriter::separate()
{
    if (needsComma_)
        out_ += ',';
    needsComma_ = true;
}

JsonWriter& JsonWriter::open(char bracket)
{
    separate();
    out_ += bracket;
    needsComma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket)
{
    out_ += bracket;
    needsComma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name)
{
    value(name);
    out_ += ':';
    needsComma_ = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text)
{
    separate();
    out_ += '"';
    if (isUtf8(text))
        appendEscaped(out_, text);
    else
        appendEscaped(out_, toUtf8(text));
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::value(bool flag)
{
    return raw(flag ? "true" : "false");
}

JsonWriter& JsonWriter::value(double number)
{
    if (!std::isfinite(number))
        return null();
    separate();
    // Epoch seconds carry microseconds; beyond that a double has no more digits to give.
    char digits[64];
    const auto end = std::abs(number) < 1e15
                         ? std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed).ptr
                         : std::to_chars(digits, digits + sizeof digits, number).ptr;
    std::string_view text(digits, static_cast<std::size_t>(end - digits));
    out_.append(text);
    if (text.find_first_of(".e") == std::string_view::npos)
        out_ += ".0";
    return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number)
{
    separate();
    appendNumber(out_, number);
    return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number)
{
    separate();
    appendNumber(out_, number);
    return *this;
}

JsonWriter& JsonWriter::null()
{
    return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json)
{
    separate();
    out_.append(json);
    return *this;
}

JsonWriter& JsonWriter::value(const std::vector<std::string>& list)
{
    beginArray();
    for (const auto& item : list)
        value(item);
    return endArray();
}

} // namespace apbfarm::util
