// SPDX-License-Identifier: MIT
#include "files/log_stream.h"

#include "util/json_writer.h"
#include "util/text.h"

#include <algorithm>
#include <vector>

namespace apbfarm::files {

namespace {

constexpr std::size_t kBlockBytes = 64 << 10;
constexpr std::size_t kBlockLines = 4096;
constexpr std::size_t kCachedBlocks = 64;
constexpr std::size_t kRememberedEnds = 1024;

/// What a terminal would show: a carriage return starts the line over. Inside an event it would end the line.
std::string_view shownPart(std::string_view line)
{
    while (line.ends_with('\r'))
        line.remove_suffix(1);
    return line.substr(line.rfind('\r') + 1);
}

std::string outputEvents(std::uint64_t first, const std::vector<std::string>& lines)
{
    std::string text;
    for (const auto& line : lines) {
        text.append("id: ").append(std::to_string(++first)).append("\nevent: output\ndata: ");
        const auto shown = shownPart(line);
        if (util::isUtf8(shown))
            text.append(shown);
        else
            text.append(util::toUtf8(shown));
        text.append("\n\n");
    }
    return text;
}

std::string completeEvent(const LogEnd& end)
{
    // Existing clients know this text with a blank after each colon and comma.
    const auto exitCode = end.exitCode ? std::to_string(*end.exitCode) : "null";
    const auto status = util::JsonWriter().value(end.status).take();
    return "event: complete\ndata: {\"status\": " + status + ", \"exit_code\": " + exitCode + "}\n\n";
}

} // namespace

EventBlock LogStream::at(std::uint64_t position)
{
    // Asked first: when the end is known, every line has been stored before.
    const auto end = end_.copy();
    if (const auto block = cached(position))
        return {block->first, block->second, false};

    const auto page = log_->read(position, kBlockLines, kBlockBytes);
    if (!page.lines.empty()) {
        const auto text = std::make_shared<const std::string>(outputEvents(position, page.lines));
        const auto block = keep(position, {text, position + page.lines.size()});
        return {block.first, block.second, false};
    }
    if (end)
        return {std::make_shared<const std::string>(completeEvent(*end)), position, true};
    return {nullptr, position, false};
}

std::optional<LogStream::Block> LogStream::cached(std::uint64_t position) const
{
    return cache_.with([&](const Cache& cache) {
        const auto block = cache.blocks.find(position);
        return block == cache.blocks.end() ? std::nullopt : std::optional(block->second);
    });
}

/// The block that came first when two were made at once.
LogStream::Block LogStream::keep(std::uint64_t position, Block block)
{
    return cache_.with([&](Cache& cache) {
        const auto [place, isNew] = cache.blocks.emplace(position, std::move(block));
        const auto kept = place->second;
        if (isNew)
            cache.order.push_back(position);
        if (cache.order.size() > kCachedBlocks) {
            cache.blocks.erase(cache.order.front());
            cache.order.pop_front();
        }
        return kept;
    });
}

void LogStream::wake()
{
    listeners_.wakeAll();
}

void LogStream::end(LogEnd end)
{
    end_.with([&](std::optional<LogEnd>& known) {
        if (!known)
            known = std::move(end);
    });
    wake();
}

std::shared_ptr<LogStream> LogStreamHub::stream(const BuildId& build)
{
    const auto log = logs_.file(build);
    log->lineCount();   // reads the file through now, on a thread that may wait, not later on an event loop
    return state_.with([&](State& state) {
        auto& place = state.streams[build];
        if (auto known = place.lock())
            return known;
        const auto end = state.ends.find(build);
        const auto made =
            std::make_shared<LogStream>(log, end == state.ends.end() ? std::nullopt : std::optional(end->second));
        place = made;
        sweep(state);
        return made;
    });
}

void LogStreamHub::appended(const BuildId& build)
{
    const auto stream = state_.with([&](State& state) {
        const auto place = state.streams.find(build);
        return place == state.streams.end() ? nullptr : place->second.lock();
    });
    if (stream)
        stream->wake();
}

void LogStreamHub::ended(const BuildId& build, const std::string& status, std::optional<int> exitCode)
{
    const LogEnd end{status, exitCode};
    const auto stream = state_.with([&](State& state) {
        remember(state, build, end);
        const auto place = state.streams.find(build);
        return place == state.streams.end() ? nullptr : place->second.lock();
    });
    if (stream)
        stream->end(end);
}

void LogStreamHub::remember(State& state, const BuildId& build, const LogEnd& end)
{
    if (!state.ends.emplace(build, end).second)
        return;
    state.endOrder.push_back(build);
    if (state.endOrder.size() > kRememberedEnds) {
        state.ends.erase(state.endOrder.front());
        state.endOrder.pop_front();
    }
}

/// Forgets streams that nobody holds; seldom, so that it costs little per call.
void LogStreamHub::sweep(State& state)
{
    if (state.streams.size() < state.sweepAt)
        return;
    std::erase_if(state.streams, [](const auto& entry) { return entry.second.expired(); });
    state.sweepAt = std::max<std::size_t>(64, 2 * state.streams.size());
}

} // namespace apbfarm::files
