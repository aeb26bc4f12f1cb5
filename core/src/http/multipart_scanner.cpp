// SPDX-License-Identifier: MIT
#include "http/multipart_scanner.h"

#include "http/protocol_errors.h"

#include <algorithm>
#include <cstring>

namespace apbfarm::http {

namespace {

constexpr std::size_t kMaxFiller = 4 * 1024;
constexpr std::size_t kMaxPartHeader = 4 * 1024;
constexpr std::size_t kMaxPadding = 64;

[[noreturn]] void malformed(const char* what)
{
    throw badRequest(what, "bad_multipart");
}

bool isBoundary(std::string_view text)
{
    const auto legal = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               (c != '\0' && std::strchr("'()+_,-./:=? ", c));
    };
    return !text.empty() && text.size() <= 70 && text.back() != ' ' && std::all_of(text.begin(), text.end(), legal);
}

/// Where the longest tail begins that may become `needle` with the bytes to come.
std::size_t possibleStart(std::string_view bytes, std::string_view needle)
{
    const auto from = bytes.size() - std::min(bytes.size(), needle.size() - 1);
    for (auto at = bytes.find('\r', from); at != std::string_view::npos; at = bytes.find('\r', at + 1))
        if (needle.substr(0, bytes.size() - at) == bytes.substr(at))
            return at;
    return bytes.size();
}

} // namespace

MultipartScanner::MultipartScanner(std::string_view boundary, PartSink& sink)
    : finder_("\r\n--" + std::string(boundary)), sink_(sink), held_("\r\n") // the first one needs no line before it
{
    if (!isBoundary(boundary))
        malformed("The multipart boundary must be 1 to 70 legal characters.");
}

void MultipartScanner::feed(std::string_view bytes, bool follows)
{
    std::string joined;
    if (follows) {
        bytes = {bytes.data() - held_.size(), bytes.size() + held_.size()};
    } else if (!held_.empty()) {
        joined.swap(held_);
        joined.append(bytes);
        bytes = joined;
    }
    for (bool more = true; more && !bytes.empty();) {
        switch (state_) {
        case State::Preamble:
        case State::Content: more = scanContent(bytes); break;
        case State::AfterDelimiter: more = scanDelimiterLine(bytes); break;
        case State::Header: more = scanHeader(bytes); break;
        case State::Epilogue: more = skipEpilogue(bytes); break;
        }
    }
    held_.assign(bytes);
}

void MultipartScanner::finish() const
{
    if (state_ != State::Epilogue)
        malformed("The multipart body ends without its closing boundary.");
}

bool MultipartScanner::scanContent(std::string_view& bytes)
{
    const auto at = finder_.in(bytes);
    if (at == std::string_view::npos) {
        const auto keep = possibleStart(bytes, finder_.needle());
        emit(bytes.substr(0, keep));
        bytes.remove_prefix(keep);
        return false;
    }
    emit(bytes.substr(0, at));
    bytes.remove_prefix(at);
    inPart_ = state_ == State::Content;
    state_ = State::AfterDelimiter;
    return true;
}

// `bytes` begins with the delimiter. A line that only begins like it is content.
bool MultipartScanner::scanDelimiterLine(std::string_view& bytes)
{
    const auto rest = bytes.substr(finder_.needle().size());
    const auto padding = std::min(rest.find_first_not_of(" \t"), rest.size());
    if (padding > kMaxPadding)
        malformed("A multipart boundary line is too long.");
    const auto end = rest.substr(padding, 2);
    const bool closing = padding == 0 && end == "--";
    if (!closing && end != "\r\n") {
        if (end.empty() || end == "\r" || (end == "-" && padding == 0))
            return false;
        state_ = inPart_ ? State::Content : State::Preamble;
        emit(bytes.substr(0, finder_.needle().size()));
        bytes = rest;
        return true;
    }
    if (inPart_)
        sink_.endPart();
    bytes = rest.substr(padding + 2);
    state_ = closing ? State::Epilogue : State::Header;
    filler_ = 0;
    return true;
}

bool MultipartScanner::scanHeader(std::string_view& bytes)
{
    const bool none = bytes.substr(0, 2) == "\r\n";
    const auto end = none ? 0 : bytes.substr(0, kMaxPartHeader + 4).find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (bytes.size() >= kMaxPartHeader + 4)
            malformed("The header of a part exceeds 4 KiB.");
        return false;
    }
    sink_.beginPart(bytes.substr(0, none ? 0 : end + 2));
    bytes.remove_prefix(none ? 2 : end + 4);
    state_ = State::Content;
    return true;
}

bool MultipartScanner::skipEpilogue(std::string_view& bytes)
{
    countFiller(bytes.size());
    bytes = {};
    return false;
}

void MultipartScanner::emit(std::string_view bytes)
{
    if (state_ == State::Preamble)
        countFiller(bytes.size());
    else if (!bytes.empty())
        sink_.partData(bytes);
}

void MultipartScanner::countFiller(std::size_t bytes)
{
    filler_ += bytes;
    if (filler_ > kMaxFiller)
        malformed("There are more than 4 KiB beside the parts of the multipart body.");
}

} // namespace apbfarm::http
