// SPDX-License-Identifier: MIT
#include "http/response.h"

#include "http/characters.h"
#include "util/text.h"

#include <array>
#include <charconv>
#include <stdexcept>

namespace apbfarm::http {

namespace {

constexpr std::array<std::string_view, 5> kServerOwned = {"Content-Length", "Connection", "Date", "Transfer-Encoding",
                                                          "X-Request-Id"};
constexpr std::size_t kMaxDefaults = 64;

void checkHeader(std::string_view name, std::string_view value)
{
    if (!isToken(name) || !isHeaderValue(value))
        throw std::invalid_argument("a response header holds illegal characters");
    for (const auto owned : kServerOwned)
        if (util::equalsIgnoringCase(name, owned))
            throw std::invalid_argument("the server sets " + std::string(owned) + " itself");
}

std::string_view statusLine(int status)
{
    switch (status) {
    case 200: return "HTTP/1.1 200 OK\r\n";
    case 201: return "HTTP/1.1 201 Created\r\n";
    case 202: return "HTTP/1.1 202 Accepted\r\n";
    case 204: return "HTTP/1.1 204 No Content\r\n";
    case 206: return "HTTP/1.1 206 Partial Content\r\n";
    case 301: return "HTTP/1.1 301 Moved Permanently\r\n";
    case 302: return "HTTP/1.1 302 Found\r\n";
    case 303: return "HTTP/1.1 303 See Other\r\n";
    case 304: return "HTTP/1.1 304 Not Modified\r\n";
    case 307: return "HTTP/1.1 307 Temporary Redirect\r\n";
    case 308: return "HTTP/1.1 308 Permanent Redirect\r\n";
    case 400: return "HTTP/1.1 400 Bad Request\r\n";
    case 401: return "HTTP/1.1 401 Unauthorized\r\n";
    case 403: return "HTTP/1.1 403 Forbidden\r\n";
    case 404: return "HTTP/1.1 404 Not Found\r\n";
    case 405: return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 408: return "HTTP/1.1 408 Request Timeout\r\n";
    case 409: return "HTTP/1.1 409 Conflict\r\n";
    case 410: return "HTTP/1.1 410 Gone\r\n";
    case 413: return "HTTP/1.1 413 Content Too Large\r\n";
    case 414: return "HTTP/1.1 414 URI Too Long\r\n";
    case 415: return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 416: return "HTTP/1.1 416 Range Not Satisfiable\r\n";
    case 417: return "HTTP/1.1 417 Expectation Failed\r\n";
    case 422: return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 423: return "HTTP/1.1 423 Locked\r\n";
    case 429: return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431: return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 500: return "HTTP/1.1 500 Internal Server Error\r\n";
    case 501: return "HTTP/1.1 501 Not Implemented\r\n";
    case 502: return "HTTP/1.1 502 Bad Gateway\r\n";
    case 503: return "HTTP/1.1 503 Service Unavailable\r\n";
    case 504: return "HTTP/1.1 504 Gateway Timeout\r\n";
    case 505: return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    case 507: return "HTTP/1.1 507 Insufficient Storage\r\n";
    default: return {};
    }
}

void appendNumber(std::string& out, std::uint64_t number)
{
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void appendLine(std::string& out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

bool hasNoBody(int status)
{
    return status == 204 || status == 304;
}

} // namespace

DefaultHeaders::DefaultHeaders(const std::vector<std::pair<std::string, std::string>>& headers)
{
    if (headers.size() > kMaxDefaults)
        throw std::invalid_argument("too many default headers");
    for (const auto& [name, value] : headers) {
        checkHeader(name, value);
        lines_.emplace_back(name, std::string());
        appendLine(lines_.back().second, name, value);
        all_ += lines_.back().second;
    }
}

void DefaultHeaders::append(std::string& out, std::uint64_t replaced) const
{
    if (replaced == 0) {
        out += all_;
        return;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i)
        if (!(replaced >> i & 1))
            out += lines_[i].second;
}

std::uint64_t DefaultHeaders::bitOf(std::string_view name) const
{
    for (std::size_t i = 0; i < lines_.size(); ++i)
        if (lines_[i].first.size() == name.size() && util::equalsIgnoringCase(lines_[i].first, name))
            return std::uint64_t(1) << i;
    return 0;
}

void Response::header(std::string_view name, std::string_view value)
{
    checkHeader(name, value);
    appendLine(headers_, name, value);
    replaced_ |= defaults_.bitOf(name);
    ownContentType_ = ownContentType_ || util::equalsIgnoringCase(name, "Content-Type");
}

void Response::answerOnce(Kind kind, int status, std::string_view contentType)
{
    if (kind_ != Kind::None)
        throw std::logic_error("a request is answered twice");
    if (status < 200 || status > 599)
        throw std::invalid_argument("no such status");
    if (!isHeaderValue(contentType))
        throw std::invalid_argument("a content type holds illegal characters");
    kind_ = kind;
    status_ = status;
    contentType_.assign(contentType);
}

void Response::send(int status, std::string_view contentType, std::string body)
{
    answerOnce(Kind::Content, status, contentType);
    body_ = std::move(body);
}

void Response::file(FileReply reply)
{
    auto opened = openFile(reply, request_);
    header("Last-Modified", opened.lastModified);
    header("Accept-Ranges", "bytes");
    if (!reply.etag.empty())
        header("ETag", '"' + reply.etag + '"');
    if (!reply.disposition.empty())
        header("Content-Disposition", reply.disposition);
    if (!reply.cacheControl.empty())
        header("Cache-Control", reply.cacheControl);
    if (!opened.contentRange.empty())
        header("Content-Range", opened.contentRange);
    answerOnce(Kind::File, opened.status, reply.contentType);
    file_ = std::move(opened);
}

void Response::stream(std::shared_ptr<EventSource> source, std::uint64_t position)
{
    if (!source)
        throw std::invalid_argument("no event source");
    header("Cache-Control", "no-store");
    header("X-Accel-Buffering", "no");
    answerOnce(Kind::Stream, 200, "text/event-stream");
    source_ = std::move(source);
    position_ = position;
}

void Response::clear()
{
    kind_ = Kind::None;
    status_ = 0;
    headers_.clear();
    replaced_ = 0;
    ownContentType_ = false;
    body_.clear();
    file_ = {};
    source_.reset();
}

std::uint64_t Response::length() const
{
    if (hasNoBody(status_))
        return 0;
    return kind_ == Kind::File ? file_.end - file_.at : body_.size();
}

void Response::writeFraming(std::string& out, const AnswerFrame& frame) const
{
    if (!hasNoBody(status_) && !ownContentType_ && !contentType_.empty())
        appendLine(out, "Content-Type", contentType_);
    if (kind_ == Kind::Stream) {
        if (!frame.is10)
            out += "Transfer-Encoding: chunked\r\n";
    } else if (!hasNoBody(status_)) {
        out += "Content-Length: ";
        appendNumber(out, length());
        out += "\r\n";
    }
    if (!frame.keepAlive)
        out += "Connection: close\r\n";
    else if (frame.is10)
        out += "Connection: keep-alive\r\n";
}

void Response::write(std::string& out, const AnswerFrame& frame) const
{
    if (const auto line = statusLine(status_); !line.empty()) {
        out += line;
    } else {
        out += "HTTP/1.1 ";
        appendNumber(out, static_cast<std::uint64_t>(status_));
        out += " Status\r\n";
    }
    appendLine(out, "Date", frame.date);
    appendLine(out, "X-Request-Id", frame.requestId);
    writeFraming(out, frame);
    defaults_.append(out, replaced_);
    out += headers_;
    out += frame.extra;
    out += "\r\n";
    if (kind_ == Kind::Content && !frame.headOnly && !hasNoBody(status_))
        out += body_;
}

} // namespace apbfarm::http
