// SPDX-License-Identifier: MIT
#pragma once

#include "http/block_writer.h"
#include "http/spool_blocks.h"
#include "http/spool_watch.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace apbfarm::http {

/// A large file while it arrives, in blocks that are written and looked at by others at the same time. What the socket
/// puts into `place` is neither copied nor read back. One thread, which never waits.
class LargeSpool {
public:
    LargeSpool(std::shared_ptr<BlockWriter> writer, SpoolProgress progress);

    const std::shared_ptr<BlockWriter>& writer() const { return writer_; }

    /// Whether there is room for as much as is received at once.
    bool hasRoom() const { return blocks_->available() >= kNeeded; }
    /// Calls `call` once as soon as there is, on any thread.
    void whenRoom(std::function<void()> call) { blocks_->whenAvailable(kNeeded + 1, std::move(call)); }
    /// Where to receive what follows `pending`, which was received but is not appended yet; it is put in front of it.
    /// May be empty.
    std::span<char> place(std::string_view pending);
    /// Only while there is room. Throws as BlockWriter does.
    void append(std::string_view bytes);
    /// That was all.
    void finish();

private:
    static constexpr std::size_t kNeeded = 2;   ///< blocks, for what is received elsewhere and comes at once

    bool haveBlock();
    void passOn();

    std::shared_ptr<SpoolBlocks> blocks_ = SpoolBlocks::make();
    std::shared_ptr<BlockWriter> writer_;
    std::shared_ptr<char> block_;   ///< the one that is being filled
    std::size_t filled_ = 0;
    SpoolProgress progress_;        // last: it goes before the file does
};

} // namespace apbfarm::http
