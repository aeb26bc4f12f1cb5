// SPDX-License-Identifier: MIT
#include "http/request_head.h"

#include "http/characters.h"
#include "http/head_checks.h"
#include "http/protocol_errors.h"
#include "util/text.h"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>

namespace apbfarm::http {

namespace {

namespace beast = boost::beast;

/// Beast takes the head apart; what a field may say is decided by the checks around it.
class Tokenizer final : public beast::http::basic_parser<true> {
public:
    explicit Tokenizer(RequestHead& head) : head_(head)
    {
        header_limit(static_cast<std::uint32_t>(kMaxHead + 4));
        body_limit(boost::none);
        skip(true);
    }

private:
    using Text = beast::string_view;
    using ErrorCode = beast::error_code;
    static std::string_view view(Text text) { return {text.data(), text.size()}; }

    void on_request_impl(beast::http::verb, Text method, Text target, int version, ErrorCode&) override
    {
        head_.method = view(method);
        head_.target = view(target);
        head_.minorVersion = version - 10;
    }
    void on_field_impl(beast::http::field, Text name, Text value, ErrorCode&) override
    {
        // Also an empty value must point into the head.
        head_.fields.push_back({view(name), value.data() ? view(value) : view(name).substr(name.size())});
    }
    void on_response_impl(int, Text, int, ErrorCode&) override {}
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(Text, ErrorCode&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text, ErrorCode&) override { return 0; }
    void on_finish_impl(ErrorCode&) override {}

    RequestHead& head_;
};

void tokenize(std::string_view bytes, RequestHead& head)
{
    Tokenizer tokenizer(head);
    beast::error_code error;
    const auto used = tokenizer.put({bytes.data(), bytes.size()}, error);
    if (error || used != bytes.size() || !tokenizer.is_header_done())
        throw badRequest("The request head is malformed.", "bad_header");
}

} // namespace

std::optional<std::string_view> RequestHead::find(std::string_view name) const
{
    for (const auto& field : fields)
        if (field.name.size() == name.size() && util::equalsIgnoringCase(field.name, name))
            return field.value;
    return {};
}

void RequestHead::clear()
{
    method = target = authorization = cookie = contentType = expect = {};
    fields.clear();
    contentLength.reset();
    chunked = false;
    keepAlive = true;
    minorVersion = 1;
}

void RequestHead::rebase(const char* from, const char* to)
{
    const auto move = [&](std::string_view& text) {
        if (text.data())
            text = {to + (text.data() - from), text.size()};
    };
    for (auto* text : {&method, &target, &authorization, &cookie, &contentType, &expect})
        move(*text);
    for (auto& field : fields) {
        move(field.name);
        move(field.value);
    }
}

void parseRequestHead(std::string_view bytes, RequestHead& head)
{
    head.clear();
    const auto lineEnd = bytes.find("\r\n");
    checkRequestLine(bytes.substr(0, lineEnd));
    checkFieldLines(bytes.substr(lineEnd + 2));
    readFraming(bytes, head);
    tokenize(bytes, head);
    readKnownFields(head);
}

} // namespace apbfarm::http
