// SPDX-License-Identifier: MIT
#include "build_log.h"

#include "util/durable_file.h"
#include "util/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>

namespace apbfarm::server {

namespace {

constexpr std::size_t kLongestLine = 64 << 10;
constexpr std::size_t kPageBytes = 1 << 20;
constexpr std::size_t kBlockBytes = 48 << 10;
constexpr std::uint64_t kBlockLines = 2048;

/// Where a viewer is: the next line, whether it has had its `status` event, the last heartbeat it has seen.
struct Place {
    std::uint64_t line;
    bool greeted;
    std::uint32_t beat;

    static constexpr unsigned kBeatBits = 20;
    static constexpr std::uint32_t kBeatMask = (1u << kBeatBits) - 1;

    static Place of(std::uint64_t position)
    {
        return {position >> (kBeatBits + 1), (position >> kBeatBits & 1) != 0,
                static_cast<std::uint32_t>(position) & kBeatMask};
    }
    std::uint64_t position() const
    {
        return line << (kBeatBits + 1) | std::uint64_t(greeted) << kBeatBits | (beat & kBeatMask);
    }
};

EventBlock block(std::string bytes, Place next, bool last = false)
{
    return {std::make_shared<const std::string>(std::move(bytes)), next.position(), last};
}

std::string event(std::string_view type, std::string_view data)
{
    std::string text = "event: ";
    text.append(type).append("\ndata: ").append(data).append("\n\n");
    return text;
}

/// A CR inside a line would end the event's line for every reader of event streams.
std::string onEventLine(const std::string& line)
{
    auto text = util::toUtf8(line);
    std::replace(text.begin(), text.end(), '\r', ' ');
    return text;
}

std::string statusJson(BuildStatus status)
{
    return "{\"status\": \"" + std::string(toText(status)) + "\"}";
}

std::string endingJson(const Ending& ending)
{
    auto text = "{\"status\": \"" + std::string(toText(ending.status)) + "\"";
    if (ending.exitCode)
        text += ", \"exit_code\": " + std::to_string(*ending.exitCode);
    return text + "}";
}

std::string now()
{
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", std::chrono::duration<double>(since).count());
    return text;
}

LineIndex indexOf(int file)
{
    LineIndex index;
    char buffer[65536];
    for (;;) {
        const auto got = ::pread(file, buffer, sizeof buffer, static_cast<off_t>(index.bytes()));
        if (got <= 0)
            return index;
        index.add({buffer, static_cast<std::size_t>(got)});
    }
}

} // namespace

BuildLog::BuildLog(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644))
{
    if (!file_)
        throw std::system_error(errno, std::generic_category(), "cannot open the log");
    state_.index = indexOf(file_.get());
    char last = '\n';
    if (const auto size = state_.index.bytes(); size > 0)
        if (::pread(file_.get(), &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n')
            append("\n");   // a crash cut the last line short
}

void BuildLog::write(std::string_view bytes)
{
    std::string whole;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto take = std::min({end, bytes.size(), kLongestLine - unfinished_.size()});
        unfinished_ += bytes.substr(0, take);
        bytes.remove_prefix(take);
        const bool ended = !bytes.empty() && bytes.front() == '\n';
        if (!ended && unfinished_.size() < kLongestLine)
            break;
        if (ended)
            bytes.remove_prefix(1);
        if (unfinished_.ends_with('\r'))
            unfinished_.pop_back();
        whole += unfinished_ + '\n';
        unfinished_.clear();
    }
    if (!whole.empty())
        append(whole);
}

void BuildLog::line(std::string_view text)
{
    auto whole = unfinished_.empty() ? std::string() : std::exchange(unfinished_, {}) + '\n';
    append(whole + std::string(text) + '\n');
}

void BuildLog::append(std::string_view bytes)
{
    util::writeAll(file_.get(), bytes);
    {
        std::lock_guard lock(mutex_);
        state_.index.add(bytes);
    }
    viewers_.wake();
}

void BuildLog::finish(const Ending& ending)
{
    {
        std::lock_guard lock(mutex_);
        state_.ending = ending;
    }
    viewers_.wake();
}

void BuildLog::heartbeat()
{
    {
        std::lock_guard lock(mutex_);
        ++state_.beats;
    }
    viewers_.wake();
}

std::uint64_t BuildLog::lineCount() const
{
    std::lock_guard lock(mutex_);
    return state_.index.lines();
}

std::uint64_t BuildLog::size() const
{
    std::lock_guard lock(mutex_);
    return state_.index.bytes();
}

std::vector<std::string> BuildLog::read(std::uint64_t from, std::uint64_t most) const
{
    LineIndex::Place place{};
    {
        std::lock_guard lock(mutex_);
        if (from >= state_.index.lines() || most == 0)
            return {};
        most = std::min(most, state_.index.lines() - from);
        place = state_.index.find(from);
    }
    return readLines(file_.get(), place, most, kPageBytes);
}

EventBlock BuildLog::at(std::uint64_t position)
{
    auto place = Place::of(position);
    std::uint64_t lines;
    std::optional<Ending> ending;
    std::uint32_t beats;
    LineIndex::Place start{};
    {
        std::lock_guard lock(mutex_);
        lines = state_.index.lines();
        ending = state_.ending;
        beats = state_.beats & Place::kBeatMask;
        if (place.line < lines)
            start = state_.index.find(place.line);
    }
    if (place.line < lines) {
        std::string events;
        const auto texts = readLines(file_.get(), start, std::min(lines - place.line, kBlockLines), kBlockBytes);
        for (const auto& text : texts)
            events += event("output", onEventLine(text));
        return block(std::move(events), {place.line + texts.size(), place.greeted, beats});
    }
    if (!place.greeted)
        return block(event("status", statusJson(ending ? ending->status : BuildStatus::Building)),
                     {place.line, true, beats});
    if (ending)
        return block(event("complete", endingJson(*ending)), place, true);
    if (place.beat != beats)
        return block(event("heartbeat", now()), {place.line, true, beats});
    return {nullptr, position, false};
}

} // namespace apbfarm::server
