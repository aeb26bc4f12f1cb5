// SPDX-License-Identifier: MIT
#include "files/log_stream.h"

#include "util/text.h"

#include <algorithm>
#include <deque>
#include <list>
#include <vector>

namespace apbfarm::files {

namespace {

constexpr std::size_t kLinesPerBlock = 400;
constexpr std::size_t kBlockBytes = 64 << 10;
constexpr std::size_t kSharedBlocks = 64;

/// What a terminal would show of a line: after the last carriage return, and as UTF-8.
std::string shown(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (const auto last = line.rfind('\r'); last != line.npos)
        line.remove_prefix(last + 1);
    return util::isUtf8(line) ? std::string(line) : util::toUtf8(line);
}

void appendEvent(std::string& out, std::uint64_t next, std::string_view line)
{
    out += "id: " + std::to_string(next) + "\nevent: output\ndata: " + shown(line) + "\n\n";
}

} // namespace

struct LogStream::State {
    struct Shared {
        std::uint64_t position;
        EventBlock block;
    };
    util::Guarded<std::deque<Shared>> blocks;
    util::Guarded<std::list<std::function<void()>>> subscribers;
    util::Guarded<std::optional<std::string>> ending;   // the text of the last event
};

LogStream::LogStream(LogStore& logs, BuildId build)
    : logs_(logs), build_(std::move(build)), state_(std::make_shared<State>())
{
}

LogStream::~LogStream() = default;

EventBlock LogStream::at(std::uint64_t position)
{
    const auto known = state_->blocks.with([&](const auto& blocks) -> std::optional<EventBlock> {
        const auto found = std::ranges::find(blocks, position, &State::Shared::position);
        if (found == blocks.end())
            return std::nullopt;
        return found->block;
    });
    if (known)
        return *known;
    // Looked at before the lines: what is appended after it belongs to the next block.
    const auto ending = state_->ending.copy();
    const auto page = logs_.read(build_, position, kLinesPerBlock);
    if (page.lines.empty()) {
        if (ending)
            return {std::make_shared<const std::string>(*ending), position, true};
        return {nullptr, position, false};
    }
    std::string text;
    auto next = position;
    for (const auto& line : page.lines) {
        appendEvent(text, ++next, line);
        if (text.size() >= kBlockBytes)
            break;
    }
    const EventBlock block{std::make_shared<const std::string>(std::move(text)), next, false};
    state_->blocks.with([&](auto& blocks) {
        blocks.push_back({position, block});
        if (blocks.size() > kSharedBlocks)
            blocks.pop_front();
    });
    return block;
}

std::shared_ptr<void> LogStream::subscribe(std::function<void()> wake)
{
    const auto place = state_->subscribers.with([&](auto& list) { return list.insert(list.end(), std::move(wake)); });
    return {state_.get(), [state = state_, place](void*) {
                state->subscribers.with([&](auto& list) { list.erase(place); });
            }};
}

void LogStream::ended(const std::string& status, int exitCode)
{
    state_->ending.with([&](auto& ending) {
        if (!ending)
            ending = "event: complete\ndata: {\"status\": \"" + status + "\", \"exit_code\": " + std::to_string(exitCode) +
                     "}\n\n";
    });
    wakeAll();
}

void LogStream::wakeAll()
{
    // Under the lock, so that a dropped subscription is never called; a wake only sets a flag of an event loop.
    state_->subscribers.with([](auto& list) {
        for (const auto& wake : list)
            wake();
    });
}

std::shared_ptr<LogStream> LogStreamHub::stream(const BuildId& build)
{
    return streams_.with([&](auto& streams) {
        if (auto stream = streams[build].lock())
            return stream;
        std::erase_if(streams, [](const auto& entry) { return entry.second.expired(); });
        auto stream = std::make_shared<LogStream>(logs_, build);
        streams[build] = stream;
        return stream;
    });
}

std::shared_ptr<LogStream> LogStreamHub::find(const BuildId& build) const
{
    return streams_.with([&](const auto& streams) -> std::shared_ptr<LogStream> {
        const auto found = streams.find(build);
        return found == streams.end() ? nullptr : found->second.lock();
    });
}

void LogStreamHub::appended(const BuildId& build)
{
    if (const auto stream = find(build))
        stream->appended();
}

void LogStreamHub::ended(const BuildId& build, const std::string& status, int exitCode)
{
    if (const auto stream = find(build))
        stream->ended(status, exitCode);
}

} // namespace apbfarm::files
