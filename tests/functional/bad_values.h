// SPDX-License-Identifier: MIT
#pragma once

#include "support/route_table.h"

#include <string>
#include <vector>

/// The catalogue of bad inputs (threat model 21), by kind.
namespace apbfarm::test {

struct BadValue {
    std::string text;
    bool wrong = true;    ///< false: odd, but may be meant
};

inline std::string repeated(const std::string& text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

/// Everything but unreserved characters as %xx.
inline std::string percentEncoded(const std::string& text)
{
    constexpr auto digits = "0123456789ABCDEF";
    std::string out;
    for (const unsigned char c : text)
        if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~')
            out += static_cast<char>(c);
        else
            out += {'%', digits[c >> 4], digits[c & 15]};
    return out;
}

/// In place of a number. `open`: there is no upper limit, so large ones are fine as long as they fit into 64 bits.
inline std::vector<BadValue> badNumbers(bool open)
{
    std::vector<BadValue> values;
    for (const auto* text :
         {"-0", "-1", "+1", "1e3", " 1", "1 ", "1.5", "\xef\xbc\x91\xef\xbc\x92", "18446744073709551616", "NaN", "inf",
          "0x1", "true", "null", "1,2", "1;2", "'1'", "1 OR 1=1"})
        values.push_back({text});
    values.push_back({"1" + std::string(400, '0')});
    values.push_back({"00", false});
    for (const auto* text : {"2147483648", "4294967296", "9007199254740993", "9223372036854775808"})
        values.push_back({text, !open});
    return values;
}

/// Texts that are UTF-8 and hold no control characters; a name or a filter may be any of them.
inline std::vector<std::string> oddTexts()
{
    return {"<script>alert(1)</script>", "' OR '1'='1", "\"; DROP TABLE users; --", "$(reboot)", "`reboot`",
            "../../etc/passwd", "..\\..\\x", "%2e%2e%2f", "{{csrf}}", "{{{csrf}}}", "\xe2\x80\xa8", "\xe2\x80\xae"
            "fdp.exe", repeated("\xf0\x9f\x98\x80", 100), "e" + repeated("\xcc\x81", 1000), std::string(6000, 'A'),
            "null", "-1", "%"};
}

/// Never part of a target: control characters and what is no UTF-8.
inline std::vector<std::string> brokenTexts()
{
    using namespace std::string_literals;
    return {"a\0b"s,    "a\r\nSet-Cookie: x=1", "\x1b[31m",    "\x7f", "\xff\xfe",
            "\xc0\xae", "\xed\xa0\x80",         "\xf0\x9f\x98"};
}

/// In place of one segment of a path, as sent.
inline std::vector<BadValue> badSegments()
{
    std::vector<BadValue> values;
    for (const auto* text :
         {"..", "%2e%2e", "%2E%2E", "%c0%ae",    "%uff0e", ".%00.", "..%5c", "%2f", "%5c",  "%00", "%0a",
          "%",  "%G1",    "%f0%9f", "%ed%a0%80", ".",      "a//b",  "a/./b", "a#b", "a\\b", "a b"})
        values.push_back({text});
    values.push_back({std::string(9000, 'a')});
    for (const auto* text : {"%252e%252e", "..;", "a;b=c", "a%20", "%20", "-1", "1e3", "%3Cscript%3E", "%E2%80%AEfdp"})
        values.push_back({text, false});
    values.push_back({std::string(4000, 'a'), false});
    return values;
}

/// Behind a whole path: what some servers take for the same path.
inline std::vector<std::string> badSuffixes()
{
    return {".json", ".css", ";.x", ";jsessionid=1",   "%20", "%00", "%2f",
            "/..",   "/.",   "//",  "/nothing/at/all", "..",  "\\"};
}

/// The value of one field of a JSON object, as JSON.
inline std::vector<BadValue> badJsonValues(const DeclaredValue& field)
{
    const auto is = [&](const char* type) { return field.type == type; };
    std::vector<BadValue> values{{"null", !field.nullable && field.required}, {"[]"}, {"{}"}, {"[1]"}, {"[[[[]]]]"},
                                 {"1e999"}, {"01"}, {"+1"}, {"0x1"}, {"NaN"}, {"tru"}, {"'x'"}, {"\"\\ud800\""},
                                 {"\"\\x41\""}, {"\"\xff\""}, {"\"\xc0\xae\""}, {"\"unended"}};
    for (const auto* number : {"0", "-1", "1.5", "1e3", "2147483648", "9007199254740993", "9223372036854775808",
                               "18446744073709551616"})
        values.push_back({number, !is("integer") || field.highest.has_value()});
    values.push_back({"1" + std::string(400, '0')});
    for (const auto* flag : {"true", "false"})
        values.push_back({flag, !is("boolean")});
    const bool anyText = is("string") && field.words.empty();
    for (const auto* text : {"\"\"", "\"-1\"", "\"NaN\"", "\"true\"", "\"\\u0000\"", "\"a\\r\\nb\"", "\"\\u001b[31m\"",
                             "\"<script>alert(1)</script>\"", "\"' OR '1'='1\"", "\"\\u2028\"", "\"\\u202efdp\""})
        values.push_back({text, !anyText});
    values.push_back({"\"" + std::string(9000, 'A') + "\"", !anyText});
    values.push_back({"\"" + repeated("\xf0\x9f\x98\x80", 101) + "\"", !anyText});
    values.push_back({"\"e" + repeated("\xcc\x81", 1000) + "\"", !anyText});
    return values;
}

/// Whole bodies that must be refused although all fields of `good`, an object, are there and right in many of them.
inline std::vector<std::string> badJsonBodies(const std::string& good)
{
    using namespace std::string_literals;
    const auto open = good.substr(0, good.size() - 1) + (good == "{}" ? "\"a\":" : ",\"a\":");
    std::string fields = open + "0";
    for (int i = 0; i < 10000; ++i)
        fields += ",\"f" + std::to_string(i) + "\":0";
    std::string utf16 = "\xff\xfe";
    for (const char c : good)
        utf16 += {c, '\0'};
    const auto first = good.find(',') == good.npos ? "\"a\":1"s : good.substr(1, good.find(',') - 1);
    return {"", "   ", "\xef\xbb\xbf" + good, utf16, "[" + good + "]", "null", "1", "\"x\"", "{", "}", good + good,
            good + " x", open + "1,}", open + "}", open + "1", open + "1,,\"b\":2}", open + "1 \"b\":2}",
            open + "1,b:1}", open + "1,'b':1}", open + "1,\"a\":2}", open + "1," + first + "," + first + "}",
            open + "\"\xff\"}", open + "\"\xc0\xae\"}", open + "\"\\ud800\"}", open + "\"\\x41\"}", open + "\"\n\"}",
            open + "\"\\u12\"}", open + "tru}", open + "01}", open + "+1}", open + "0x1}", open + "NaN}",
            open + ".5}", open + std::string(17, '[') + std::string(17, ']') + "}", open + std::string(30000, '['),
            fields + "}", open + "\"" + std::string(64 << 10, 'x') + "\"}", "// a\n" + good, open + "/**/1}"};
}

} // namespace apbfarm::test
