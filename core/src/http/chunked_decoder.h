// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace apbfarm::http {

/// Takes the chunked coding off a body, strictly (H9). Slices may be cut anywhere.
class ChunkedDecoder {
public:
    using Sink = std::function<void(std::string_view)>;

    /// Gives content to `sink` and returns how many bytes were used: all of them unless the body ended.
    /// Throws ProtocolError (400); what `sink` throws passes through.
    std::size_t feed(std::string_view bytes, const Sink& sink);

    bool isDone() const { return state_ == State::Done; }
    /// Content bytes that are still to come of the chunk at hand.
    std::uint64_t remainingOfChunk() const { return state_ == State::Data ? remaining_ : 0; }

private:
    enum class State { Size, Extension, SizeLf, Data, DataCr, DataLf, TrailerStart, Trailer, TrailerLf, EndLf, Done };

    void step(char c);
    void sizeDigit(char c);
    void trailer(char c);
    void startOfContent();
    void want(char c, char wanted, State next);

    State state_ = State::Size;
    std::uint64_t remaining_ = 0;
    int digits_ = 0;
    std::size_t extension_ = 0;
    std::size_t trailers_ = 0;
};

} // namespace apbfarm::http
