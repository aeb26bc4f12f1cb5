// SPDX-License-Identifier: MIT
#include "http/large_spool.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace apbfarm::http {

LargeSpool::LargeSpool(std::shared_ptr<BlockWriter> writer, SpoolProgress progress)
    : writer_(std::move(writer)), progress_(std::move(progress))
{
}

bool LargeSpool::haveBlock()
{
    if (!block_)
        block_ = blocks_->take();
    return block_ != nullptr;
}

std::span<char> LargeSpool::place(std::string_view pending)
{
    if (!haveBlock() || pending.size() >= SpoolBlocks::kSize - filled_)
        return {};
    const std::span<char> rest(block_.get() + filled_, SpoolBlocks::kSize - filled_);
    std::ranges::copy(pending, rest.begin());
    return rest.subspan(pending.size());
}

void LargeSpool::append(std::string_view bytes)
{
    writer_->check();
    while (!bytes.empty()) {
        if (!haveBlock())
            throw std::logic_error("no room was left for an upload");
        auto* const end = block_.get() + filled_;
        const auto size = std::min(bytes.size(), SpoolBlocks::kSize - filled_);
        if (bytes.data() != end)
            std::memcpy(end, bytes.data(), size);
        filled_ += size;
        bytes.remove_prefix(size);
        if (filled_ == SpoolBlocks::kSize)
            passOn();
    }
}

void LargeSpool::passOn()
{
    const util::SharedBytes block{{block_.get(), filled_}, std::move(block_)};
    block_ = nullptr;
    filled_ = 0;
    progress_(block, false);
    writer_->append(block);
}

void LargeSpool::finish()
{
    if (filled_ > 0)
        passOn();
    progress_({}, true);
}

} // namespace apbfarm::http
