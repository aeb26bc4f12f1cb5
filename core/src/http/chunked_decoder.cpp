// SPDX-License-Identifier: MIT
#include "http/chunked_decoder.h"

#include "http/characters.h"
#include "http/protocol_errors.h"

#include <algorithm>

namespace apbfarm::http {

namespace {

constexpr int kMaxSizeDigits = 8;
constexpr std::size_t kMaxExtension = 256;
constexpr std::size_t kMaxTrailers = 8 * 1024;

[[noreturn]] void malformed()
{
    throw badRequest("The chunked body is malformed.", "bad_chunk");
}

} // namespace

std::size_t ChunkedDecoder::feed(std::string_view bytes, const Sink& sink)
{
    std::size_t at = 0;
    while (at < bytes.size() && state_ != State::Done) {
        if (state_ != State::Data) {
            step(bytes[at++]);
            continue;
        }
        const auto piece = bytes.substr(at, std::min<std::uint64_t>(remaining_, bytes.size() - at));
        sink(piece);
        at += piece.size();
        remaining_ -= piece.size();
        if (remaining_ == 0)
            state_ = State::DataCr;
    }
    return at;
}

void ChunkedDecoder::step(char c)
{
    switch (state_) {
    case State::Size: return sizeDigit(c);
    case State::Extension:
        if (c == '\r')
            state_ = State::SizeLf;
        else if ((isControl(c) && c != '\t') || ++extension_ > kMaxExtension)
            malformed();
        return;
    case State::SizeLf: want(c, '\n', State::Data); return startOfContent();
    case State::DataCr: return want(c, '\r', State::DataLf);
    case State::DataLf: return want(c, '\n', State::Size);
    case State::EndLf: return want(c, '\n', State::Done);
    default: return trailer(c);
    }
}

void ChunkedDecoder::sizeDigit(char c)
{
    const int digit = hexDigit(c);
    if (digit >= 0 && ++digits_ <= kMaxSizeDigits)
        remaining_ = remaining_ * 16 + static_cast<unsigned>(digit);
    else if (digits_ == 0 || digit >= 0)
        malformed();
    else if (c == ';')
        state_ = State::Extension;
    else
        want(c, '\r', State::SizeLf);
}

void ChunkedDecoder::startOfContent()
{
    if (remaining_ == 0)
        state_ = State::TrailerStart;
    digits_ = 0;
    extension_ = 0;
}

// Trailers are dropped: nothing that decides about a request may come after its body.
void ChunkedDecoder::trailer(char c)
{
    if (++trailers_ > kMaxTrailers)
        malformed();
    if (state_ == State::TrailerLf)
        want(c, '\n', State::TrailerStart);
    else if (c == '\r')
        state_ = state_ == State::TrailerStart ? State::EndLf : State::TrailerLf;
    else if (isControl(c) && c != '\t')
        malformed();
    else
        state_ = State::Trailer;
}

void ChunkedDecoder::want(char c, char wanted, State next)
{
    if (c != wanted)
        malformed();
    state_ = next;
}

} // namespace apbfarm::http
