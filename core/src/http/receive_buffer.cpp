// SPDX-License-Identifier: MIT
#include "http/receive_buffer.h"

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace apbfarm::http {

/// Buffers that nobody needs at the moment: the last one given back is the first to be used, as a cache may know it.
class ReceiveBuffer::Spares : public std::enable_shared_from_this<Spares> {
public:
    std::shared_ptr<char> take()
    {
        std::unique_ptr<char[]> bytes;
        {
            std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                bytes = std::move(free_.back());
                free_.pop_back();
            }
        }
        if (!bytes)
            bytes.reset(new char[kSize]);
        return {bytes.release(), [self = shared_from_this()](char* done) { self->giveBack(done); }};
    }

private:
    static constexpr std::size_t kMost = 2;

    void giveBack(char* done)
    {
        std::unique_ptr<char[]> bytes(done);
        std::lock_guard lock(mutex_);
        if (free_.size() < kMost)
            free_.push_back(std::move(bytes));
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<char[]>> free_;
};

ReceiveBuffer::ReceiveBuffer() : spares_(std::make_shared<Spares>()), current_(spares_->take()) {}

ReceiveBuffer::~ReceiveBuffer() = default;

char* ReceiveBuffer::writable()
{
    if (std::exchange(shared_, false)) {
        current_.reset();
        current_ = spares_->take();
    }
    return current_.get();
}

util::SharedBytes ReceiveBuffer::share(std::string_view bytes)
{
    const std::less<> before;
    const auto* start = current_.get();
    if (bytes.empty() || before(bytes.data(), start) || !before(bytes.data(), start + kSize))
        return {bytes, nullptr};
    shared_ = true;
    return {bytes, current_};
}

} // namespace apbfarm::http
