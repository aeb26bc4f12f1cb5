// SPDX-License-Identifier: MIT
#include "fleet/http_answer_reader.h"

#include <algorithm>
#include <charconv>

namespace apbfarm::fleet {

namespace {

constexpr std::size_t kHeadPiece = 8 * 1024;
constexpr std::size_t kBodyPiece = 256 * 1024;
constexpr std::size_t kMaxChunkLine = 1024;
constexpr int kMaxInterimHeads = 8;
constexpr int kMaxTrailers = 20;

[[noreturn]] void truncated()
{
    throw ExchangeBroken(Break::Closed, "the answer ends in the middle");
}

[[noreturn]] void tooLarge(std::uint64_t limit)
{
    throw ExchangeBroken(Break::TooLarge, "the answer has more than the allowed " + std::to_string(limit) + " bytes");
}

std::uint64_t chunkSize(std::string_view line)
{
    std::uint64_t size = 0;
    const auto digits = line.substr(0, line.find_first_of("; \t"));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    if (digits.empty() || digits.size() > 15 || error != std::errc() || end != digits.data() + digits.size())
        throw ExchangeBroken(Break::Malformed, "the answer is not valid HTTP: a chunk has no proper size");
    return size;
}

} // namespace

bool HttpAnswerReader::fill(Instant until, std::size_t size)
{
    if (at_ > 0) {
        have_.erase(0, at_);
        at_ = 0;
    }
    const auto before = have_.size();
    have_.resize(before + size);
    std::size_t got = 0;
    try {
        got = channel_.read({have_.data() + before, size}, until);
    } catch (...) {
        have_.resize(before);
        throw;
    }
    have_.resize(before + got);
    begun_ = begun_ || got > 0;
    return got > 0;
}

HttpHead HttpAnswerReader::readHead(Instant until)
{
    for (int heads = 0; heads < kMaxInterimHeads; ++heads) {
        auto end = left().find("\r\n\r\n");
        while (end == std::string_view::npos) {
            constexpr std::string_view magic = "HTTP/1.";
            const auto start = left().substr(0, magic.size());
            if (start != magic.substr(0, start.size()))
                throw ExchangeBroken(Break::Malformed, "the answer is not HTTP");
            if (left().size() > kMaxHeadBytes)
                throw ExchangeBroken(Break::Malformed, "the head of the answer is too large");
            if (!fill(until, kHeadPiece))
                throw ExchangeBroken(Break::Closed, "the connection was closed without an answer");
            end = left().find("\r\n\r\n");
        }
        if (end > kMaxHeadBytes)
            throw ExchangeBroken(Break::Malformed, "the head of the answer is too large");
        auto head = parseHttpHead(left().substr(0, end + 4));
        at_ += end + 4;
        if (head.status >= 200)
            return head;
    }
    throw ExchangeBroken(Break::Malformed, "too many interim answers");
}

void HttpAnswerReader::passOn(std::uint64_t count, Deadline& deadline, const BodySink& sink)
{
    while (count > 0) {
        if (left().empty() && !fill(deadline.next(), kBodyPiece))
            truncated();
        const auto piece = left().substr(0, count);
        sink(piece);
        deadline.moved(piece.size());
        at_ += piece.size();
        count -= piece.size();
    }
}

void HttpAnswerReader::passOnUntilClose(std::uint64_t limit, Deadline& deadline, const BodySink& sink)
{
    std::uint64_t total = 0;
    do {
        total += left().size();
        if (total > limit)
            tooLarge(limit);
        passOn(left().size(), deadline, sink);
    } while (fill(deadline.next(), kBodyPiece));
}

std::string HttpAnswerReader::takeLine(Instant until)
{
    auto end = left().find("\r\n");
    while (end == std::string_view::npos) {
        if (left().size() > kMaxChunkLine)
            throw ExchangeBroken(Break::Malformed, "the answer is not valid HTTP: a line is too long");
        if (!fill(until, kHeadPiece))
            truncated();
        end = left().find("\r\n");
    }
    std::string line(left().substr(0, end));
    at_ += end + 2;
    return line;
}

void HttpAnswerReader::passOnChunks(std::uint64_t limit, Deadline& deadline, const BodySink& sink)
{
    std::uint64_t total = 0;
    while (const auto size = chunkSize(takeLine(deadline.next()))) {
        total += size;
        if (total > limit)
            tooLarge(limit);
        passOn(size, deadline, sink);
        if (!takeLine(deadline.next()).empty())
            throw ExchangeBroken(Break::Malformed, "the answer is not valid HTTP: a chunk is longer than its size");
    }
    for (int trailers = 0; !takeLine(deadline.next()).empty(); ++trailers)
        if (trailers >= kMaxTrailers)
            throw ExchangeBroken(Break::Malformed, "the answer is not valid HTTP: too many trailers");
}

void HttpAnswerReader::readBody(const HttpHead& head, std::uint64_t limit, Deadline& deadline, const BodySink& sink)
{
    if (head.framing == Framing::Length && head.length > limit)
        tooLarge(limit);
    switch (head.framing) {
    case Framing::NoBody: return;
    case Framing::Length: return passOn(head.length, deadline, sink);
    case Framing::Chunked: return passOnChunks(limit, deadline, sink);
    case Framing::UntilClose: return passOnUntilClose(limit, deadline, sink);
    }
}

} // namespace apbfarm::fleet
