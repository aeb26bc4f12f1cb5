// SPDX-License-Identifier: MIT
#pragma once

#include "util/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::files {

struct LogLimits {
    std::size_t lineBytes = 64 << 10;          ///< a longer line is cut, with a mark
    std::uint64_t totalBytes = 1ull << 30;     ///< a log ends, with a mark, once it is larger
};

struct LogPage {
    std::vector<std::string> lines;            ///< without line ends
    std::uint64_t total = 0;                   ///< complete lines in the log
};

/// The log of one build on disk: lines with LF ends, as the build server sent them.
///
/// The number of complete lines in the file is the only record of how far it has got, so that bytes and index can never
/// disagree (D8); a line cut by a crash is taken off when the file is opened. A sealed log is read-only on disk as
/// well. Thread-safe; readers do not wait for writers. Throws `StorageFull` when the disk is full, otherwise
/// `Unavailable`.
class LogFile {
public:
    /// Touches nothing yet; the file may be absent and stays so until a line comes.
    LogFile(std::filesystem::path file, LogLimits limits);

    /// Adds the lines if `firstIndex` is the number of lines already stored, else nothing: repeats and gaps cannot
    /// happen. Returns the number of lines now stored. A sealed or full log stays as it is.
    std::uint64_t append(std::uint64_t firstIndex, std::span<const std::string> lines);

    /// Lines from `start` on, at most `limit` and about `maxBytes` of them; at least one when there is one.
    LogPage read(std::uint64_t start, std::size_t limit, std::size_t maxBytes);
    std::uint64_t lineCount();

    /// No more lines; durable when it returns. Does nothing when there is no file.
    void seal();
    bool isSealed();
    /// The size limit is reached: no more lines will be taken.
    bool isFull();

    const std::filesystem::path& path() const { return path_; }

private:
    enum class State { Unopened, Absent, Open, Sealed, Broken };
    /// What readers may rely on; it only grows.
    struct Extent {
        std::uint64_t lines = 0;               ///< complete ones
        std::uint64_t bytes = 0;               ///< of the complete lines
        std::vector<std::uint64_t> marks{0};   ///< where every 256th line begins

        void extend(std::uint64_t offset, std::string_view text);
    };
    /// Where to begin in order to find a line.
    struct Place {
        int descriptor = -1;                   ///< -1: there is no such line
        std::uint64_t offset = 0;
        std::uint64_t skip = 0;                ///< lines from there to the one wanted
        std::uint64_t end = 0;
        std::uint64_t total = 0;
    };

    State state();
    void setState(State state);
    State ensureOpen();
    Place placeOf(std::uint64_t start);

    // With `writing_` held.
    void open();
    void scan(bool mayCut);
    void create();
    std::string textOf(std::span<const std::string> lines) const;
    void write(std::string_view text);

    const std::filesystem::path path_;
    const LogLimits limits_;
    std::mutex writing_;      // one writer at a time; also held while the file is opened
    std::mutex reading_;      // guards the rest; never held across a read or write
    State state_ = State::Unopened;
    Extent extent_;           // changed with both held, so a writer may look at it without `reading_`
    util::UniqueFd file_;     // once there it stays, so that readers may use its number without a lock
};

} // namespace apbfarm::files
