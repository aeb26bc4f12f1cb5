// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

namespace apbfarm::bench {

/// Lines of a chunked answer of server-sent events, fed as they come.
class EventParser {
public:
    /// Calls `line` with each whole line of the body. Returns false when the answer is not a success or is malformed.
    template <class Line> bool feed(std::string_view bytes, Line line)
    {
        while (!bytes.empty() && state_ != State::Broken)
            bytes.remove_prefix(state_ == State::Data ? takeData(bytes, line) : takeFraming(bytes));
        return state_ != State::Broken;
    }

    bool hasHead() const { return state_ != State::Head; }

private:
    enum class State { Head, Size, Data, AfterData, Broken };

    std::size_t takeFraming(std::string_view bytes)
    {
        const auto end = bytes.find('\n');
        text_.append(bytes.substr(0, end));
        if (end == std::string_view::npos)
            return bytes.size();
        if (text_.ends_with('\r'))
            text_.pop_back();
        takeFramingLine();
        text_.clear();
        return end + 1;
    }

    void takeFramingLine()
    {
        if (state_ == State::Head) {
            if (!sawStatus_ && !text_.starts_with("HTTP/1.1 200"))
                state_ = State::Broken;
            else if (text_.empty())
                state_ = State::Size;
            sawStatus_ = true;
        } else if (state_ == State::AfterData) {
            state_ = State::Size;
        } else {
            left_ = std::strtoull(text_.c_str(), nullptr, 16);
            state_ = left_ > 0 ? State::Data : State::AfterData;
        }
    }

    template <class Line> std::size_t takeData(std::string_view bytes, Line line)
    {
        const auto mine = bytes.substr(0, left_);
        auto rest = mine;
        for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
            if (partial_.empty()) {
                line(rest.substr(0, end));
            } else {
                partial_.append(rest.substr(0, end));
                line(std::string_view(partial_));
                partial_.clear();
            }
            rest.remove_prefix(end + 1);
        }
        partial_.append(rest);
        left_ -= mine.size();
        if (left_ == 0)
            state_ = State::AfterData;
        return mine.size();
    }

    State state_ = State::Head;
    bool sawStatus_ = false;
    std::size_t left_ = 0;      // of the chunk
    std::string text_;          // a line of head or framing so far
    std::string partial_;       // a line of the body so far
};

} // namespace apbfarm::bench
