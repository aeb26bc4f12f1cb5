// SPDX-License-Identifier: MIT
#pragma once

#include "line_index.h"
#include "viewers.h"

#include "util/unique_fd.h"

#include <apbfarm/http.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::server {

/// How a build ended, for the last event of its stream.
struct Ending {
    BuildStatus status = BuildStatus::Failed;
    std::optional<int> exitCode;
};

/// The log of one build: a file that only grows, read by pages and by event streams while it does.
///
/// One thread writes, any may read. Readers never wait for the disk of the writer nor for each other; a slow viewer
/// costs nothing but its place.
class BuildLog final : public EventSource {
public:
    /// Opens or creates `file`. Throws std::system_error.
    explicit BuildLog(const std::filesystem::path& file);

    /// Raw output in pieces as they come. Lines end with LF, a CR before it is dropped, very long ones are cut.
    /// Throws std::system_error, then nothing more should be written.
    void write(std::string_view bytes);
    /// A line of our own; an unfinished one before it is ended.
    void line(std::string_view text);
    /// No more lines. Viewers get the rest and the `complete` event.
    void finish(const Ending& ending);
    /// Tells the viewers of a silent build that it is alive.
    void heartbeat();

    std::uint64_t lineCount() const;
    std::uint64_t size() const;
    /// Lines from `from` on, at most `most` and about 1 MiB.
    std::vector<std::string> read(std::uint64_t from, std::uint64_t most) const;

    EventBlock at(std::uint64_t position) override;
    std::shared_ptr<void> subscribe(std::function<void()> wake) override { return viewers_.add(std::move(wake)); }

private:
    struct State {
        LineIndex index;
        std::optional<Ending> ending;
        std::uint32_t beats = 0;
    };
    void append(std::string_view bytes);

    util::UniqueFd file_;
    std::string unfinished_;   // of the writer alone
    mutable std::mutex mutex_;
    State state_;
    Viewers viewers_;
};

} // namespace apbfarm::server
