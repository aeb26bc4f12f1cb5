// SPDX-License-Identifier: MIT
#pragma once

#include "http/needle_finder.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace apbfarm::http {

/// What a multipart body is made of, as it comes by. Exceptions pass through the scanner.
class PartSink {
public:
    virtual ~PartSink() = default;

    /// A part begins. `lines`: its header, each line with its line end, without the empty one.
    virtual void beginPart(std::string_view lines) = 0;
    /// Some of its content, in slices as large as they came.
    virtual void partData(std::string_view bytes) = 0;
    virtual void endPart() = 0;
};

/// Finds the parts of a multipart body that comes in slices of any size (H18). Content is handed on without copying,
/// except for the few bytes around a cut that may belong to a boundary.
class MultipartScanner {
public:
    /// Throws ProtocolError (400) when the boundary is not 1 to 70 legal characters.
    MultipartScanner(std::string_view boundary, PartSink& sink);

    /// `follows`: the bytes lie in memory right behind those of `held`. Throws ProtocolError (400) when the body cannot
    /// be what it says.
    void feed(std::string_view bytes, bool follows = false);
    /// What was fed and could not be decided yet.
    std::string_view held() const { return held_; }
    /// The body is over. Throws ProtocolError (400) when the closing boundary has not come.
    void finish() const;

private:
    enum class State { Preamble, AfterDelimiter, Header, Content, Epilogue };

    /// Each takes a piece off the front; false: more bytes are needed first.
    bool scanContent(std::string_view& bytes);
    bool scanDelimiterLine(std::string_view& bytes);
    bool scanHeader(std::string_view& bytes);
    bool skipEpilogue(std::string_view& bytes);
    void emit(std::string_view bytes);
    void countFiller(std::size_t bytes);

    NeedleFinder finder_;    // of the delimiter with the line end before it, which belongs to it
    PartSink& sink_;
    State state_ = State::Preamble;
    bool inPart_ = false;
    std::size_t filler_ = 0; // bytes of the preamble, then of the epilogue
    std::string held_;       // begins with what could not be decided yet
};

} // namespace apbfarm::http
