// SPDX-License-Identifier: MIT
#include "http/multipart_scanner.h"

#include "http/protocol_errors.h"

#include <algorithm>
#include <cstdint>
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

constexpr std::size_t kStretch = 64;
constexpr std::size_t kAhead = 1024;
using Lanes [[gnu::vector_size(16)]] = unsigned char;
using Halves [[gnu::vector_size(16)]] = std::uint64_t;

Lanes load(const char* from)
{
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

/// Whether there is a place in the first stretch with the needle's first byte and its last one as far away as they are.
bool mayBegin(const char* bytes, std::string_view needle)
{
    const Lanes first = Lanes{} + static_cast<unsigned char>(needle.front());
    const Lanes last = Lanes{} + static_cast<unsigned char>(needle.back());
    Lanes found{};
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kStretch; i += sizeof(Lanes))
        found |= (load(bytes + i) == first) & (load(bytes + i + needle.size() - 1) == last);
    const auto halves = reinterpret_cast<Halves>(found);
    return (halves[0] | halves[1]) != 0;
}

std::size_t findWithin(std::string_view bytes, std::size_t from, std::size_t size, std::string_view needle)
{
    const auto* const start = bytes.data() + from;
    const auto* hit = static_cast<const char*>(memmem(start, size, needle.data(), needle.size()));
    return hit ? static_cast<std::size_t>(hit - bytes.data()) : std::string_view::npos;
}

/// Finds a needle that is seldom there several times as fast as memmem alone, which is asked about each likely stretch.
std::size_t findIn(std::string_view bytes, std::string_view needle)
{
    std::size_t from = 0;
    for (; from + kStretch + needle.size() <= bytes.size(); from += kStretch) {
        __builtin_prefetch(bytes.data() + from + kAhead);
        if (!mayBegin(bytes.data() + from, needle))
            continue;
        if (const auto at = findWithin(bytes, from, kStretch + needle.size() - 1, needle); at != std::string_view::npos)
            return at;
    }
    return findWithin(bytes, from, bytes.size() - from, needle);
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
    : delimiter_("\r\n--" + std::string(boundary)), sink_(sink), held_("\r\n") // the first one needs no line before it
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
    const auto at = findIn(bytes, delimiter_);
    if (at == std::string_view::npos) {
        const auto keep = possibleStart(bytes, delimiter_);
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
    const auto rest = bytes.substr(delimiter_.size());
    const auto padding = std::min(rest.find_first_not_of(" \t"), rest.size());
    if (padding > kMaxPadding)
        malformed("A multipart boundary line is too long.");
    const auto end = rest.substr(padding, 2);
    const bool closing = padding == 0 && end == "--";
    if (!closing && end != "\r\n") {
        if (end.empty() || end == "\r" || (end == "-" && padding == 0))
            return false;
        state_ = inPart_ ? State::Content : State::Preamble;
        emit(bytes.substr(0, delimiter_.size()));
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
    const auto end = none ? 0 : findIn(bytes.substr(0, kMaxPartHeader + 4), "\r\n\r\n");
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
