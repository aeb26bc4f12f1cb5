// SPDX-License-Identifier: MIT
#include "property.h"

#include "http/chunked_decoder.h"
#include "http/error_mapping.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace apbfarm::fuzz {

namespace {

enum class End { Refused, NeedsMore, Done };

struct Outcome {
    End end = End::NeedsMore;
    std::string content;      ///< compared unless refused
    std::size_t used = 0;     ///< of a whole body

    bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view bytes, std::size_t piece)
{
    Outcome outcome;
    http::ChunkedDecoder decoder;
    try {
        inPieces(bytes, piece, [&](std::string_view more) {
            const auto used = decoder.feed(more, [&](std::string_view content) { outcome.content += content; });
            require(used == more.size() || decoder.isDone(), "all is used before the end");
            outcome.used += used;
        });
    } catch (const http::ProtocolError&) {
        return {End::Refused, {}, 0};
    }
    if (decoder.isDone())
        outcome.end = End::Done;
    else
        outcome.used = 0;
    return outcome;
}

/// The same by looking at the whole text (H9).
class Reference {
public:
    explicit Reference(std::string_view text) : text_(text) {}

    Outcome run()
    {
        while (outcome_.end == End::NeedsMore && chunk()) {}
        if (outcome_.end == End::Refused)
            return {End::Refused, {}, 0};
        outcome_.used = outcome_.end == End::Done ? at_ : 0;
        return outcome_;
    }

private:
    bool refuse()
    {
        outcome_.end = End::Refused;
        return false;
    }

    /// Up to the CRLF; nothing when there is none yet or something else ended it.
    std::optional<std::string_view> line(std::size_t most)
    {
        for (auto i = at_; i < text_.size(); ++i) {
            if (text_[i] == '\r') {
                if (i + 1 == text_.size())
                    return {};
                if (text_[i + 1] != '\n') {
                    refuse();
                    return {};
                }
                const auto found = text_.substr(at_, i - at_);
                at_ = i + 2;
                return found;
            }
            if (hasControls(text_.substr(i, 1), "\t") || i - at_ >= most) {
                refuse();
                return {};
            }
        }
        return {};
    }

    bool chunk()
    {
        const auto start = at_;
        auto digits = text_.find_first_not_of("0123456789abcdefABCDEF", at_);
        digits = std::min(digits, text_.size()) - at_;
        if (digits > 8)
            return refuse();
        if (at_ + digits == text_.size())
            return false;
        const char next = text_[at_ + digits];
        if (digits == 0 || (next != ';' && next != '\r'))
            return refuse();
        if (!line(digits + (next == ';' ? 257 : 0)))
            return false;
        std::uint64_t size = 0;
        std::from_chars(text_.data() + start, text_.data() + start + digits, size, 16);
        return size == 0 ? trailers() : data(size);
    }

    bool data(std::uint64_t size)
    {
        const auto piece = text_.substr(at_, std::min<std::uint64_t>(size, text_.size() - at_));
        outcome_.content += piece;
        at_ += piece.size();
        const auto end = text_.substr(at_, 2);
        if (piece.size() < size || std::string_view("\r\n").starts_with(end)) {
            at_ += end.size();
            return end == "\r\n";
        }
        return refuse();
    }

    bool trailers()
    {
        for (;;) {
            const auto found = line(8192);
            if (!found)
                return false;
            if (found->empty()) {
                outcome_.end = End::Done;
                return false;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Outcome outcome_;
};

}

void tryInput(std::string_view bytes)
{
    const auto whole = decode(bytes, 0);
    if (bytes.size() < 8000)
        require(whole == Reference(bytes).run(), "the decoder finds what a second reader finds (H9)");
    for (const auto size : pieceSizes(bytes))
        require(decode(bytes, size) == whole, "cuts do not matter");
}

}
