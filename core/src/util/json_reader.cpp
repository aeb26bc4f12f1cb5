// SPDX-License-Identifier: MIT
#include "util/json_reader.h"

#include "util/text.h"

#include <apbfarm/errors.h>

#include <Poco/JSON/Parser.h>

#include <new>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::util {

namespace {

[[noreturn]] void refuse(const std::string& why)
{
    throw InvalidInput("The JSON text is not valid: " + why, "invalid_json");
}

/// Walks the tokens once to see what the library's parser does not tell: depth and repeated keys.
class Precheck {
public:
    Precheck(std::string_view text, int maxDepth) : text_(text), maxDepth_(maxDepth) {}

    void run()
    {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"')
                string();
            else
                structure(c);
        }
    }

private:
    struct Level {
        bool object;
        bool keyNext;
        std::set<std::string, std::less<>> keys;
    };

    void structure(char c)
    {
        ++at_;
        if (c == '{' || c == '[') {
            if (static_cast<int>(levels_.size()) >= maxDepth_)
                refuse("nested too deeply");
            levels_.push_back({c == '{', c == '{', {}});
        } else if ((c == '}' || c == ']') && !levels_.empty()) {
            levels_.pop_back();
        } else if (c == ',' && !levels_.empty()) {
            levels_.back().keyNext = levels_.back().object;
        }
    }

    void string()
    {
        const auto start = ++at_;
        while (at_ < text_.size() && text_[at_] != '"')
            at_ += text_[at_] == '\\' ? 2 : 1;
        if (at_ >= text_.size())
            refuse("a string does not end");
        const auto content = text_.substr(start, at_ - start);
        ++at_;
        if (levels_.empty() || !levels_.back().keyNext)
            return;
        levels_.back().keyNext = false;
        // An escaped key could spell a plain one; nobody sends them.
        if (content.find('\\') != std::string_view::npos)
            refuse("escapes in keys are not accepted");
        if (!levels_.back().keys.emplace(content).second)
            refuse("the key '" + oneLine(content, 64) + "' appears twice");
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int maxDepth_;
    std::vector<Level> levels_;
};

} // namespace

void checkJsonObject(std::string_view text, const JsonLimits& limits)
{
    if (text.size() > limits.bytes)
        throw TooLarge("A JSON text may have at most " + std::to_string(limits.bytes) + " bytes");
    if (!isUtf8(text))
        refuse("it is not UTF-8");
    const auto body = trim(text);
    if (body.empty() || body.front() != '{')
        refuse("an object is expected");
    Precheck(body, limits.depth).run();
}

Poco::JSON::Object::Ptr parseJsonObject(std::string_view text, const JsonLimits& limits)
{
    checkJsonObject(text, limits);
    try {
        Poco::JSON::Parser parser;
        return parser.parse(std::string(trim(text))).extract<Poco::JSON::Object::Ptr>();
    } catch (const Poco::Exception& error) {
        refuse(oneLine(error.message(), 200));
    } catch (const std::bad_alloc&) {
        throw;   // no fault of the text
    } catch (const std::exception& error) {
        refuse(oneLine(error.what(), 200));
    }
}

} // namespace apbfarm::util
