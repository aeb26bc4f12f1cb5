// SPDX-License-Identifier: MIT
#include "service/arriving_uploads.h"

#include "util/worker.h"

#include <apbfarm/errors.h>

#include <algorithm>
#include <exception>
#include <future>
#include <utility>

namespace apbfarm::service {

namespace {

constexpr std::size_t kMostAtOnce = 4;

/// The pieces of one upload for one thread, which waits for those that are not there yet. The next piece may come on
/// any thread.
class Pieces final : public package::ByteSource {
public:
    void add(const util::SharedBytes& piece, bool whole)
    {
        std::unique_lock lock(mutex_);
        whole_ = whole;
        if (!piece.bytes.empty() && !closed_)
            waiting_.push_back(piece);
        lock.unlock();   // woken before that, the reader would have to wait for it
        changed_.notify_one();
    }
    /// What comes is not wanted, or does not come any more.
    void close()
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        waiting_.clear();
        changed_.notify_one();
    }
    /// Lets go of what it gave last, too.
    void closeReader()
    {
        current_ = {};
        close();
    }

    std::string_view read() override
    {
        current_ = {};
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || whole_ || !waiting_.empty(); });
        if (closed_)
            throw Unavailable("The upload was broken off", "upload_broken_off");
        if (waiting_.empty())
            return {};
        current_ = std::move(waiting_.front());
        waiting_.pop_front();
        return current_.bytes;
    }

private:
    util::SharedBytes current_;   ///< of the reader
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<util::SharedBytes> waiting_;
    bool whole_ = false;
    bool closed_ = false;
};

} // namespace

/// One file, looked through in the memory that it was received in.
class ArrivingUploads::Arrival {
public:
    void grown(const util::SharedBytes& appended, bool whole) { pieces_.add(appended, whole); }
    void giveUp() { pieces_.close(); }

    void inspect() { task_(); }

    InspectedTarball wait() const { return result_.get(); }

private:
    InspectedTarball readAll()
    {
        struct Closing {
            Pieces& pieces;
            ~Closing() { pieces.closeReader(); }
        };
        const Closing closing{pieces_};
        return inspectAndHash(pieces_);
    }

    Pieces pieces_;
    std::packaged_task<InspectedTarball()> task_{[this] { return readAll(); }};
    const std::shared_future<InspectedTarball> result_ = task_.get_future();
};

std::size_t ArrivingUploads::defaultAtOnce()
{
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostAtOnce);
}

ArrivingUploads::ArrivingUploads(std::size_t atOnce) : atOnce_(atOnce)
{
    try {
        for (std::size_t i = 0; i < atOnce_; ++i)
            threads_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
        endThreads();   // a thread that nobody joins would end the process with a signal
        throw;
    }
}

ArrivingUploads::~ArrivingUploads()
{
    endThreads();
}

void ArrivingUploads::endThreads()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        thread.join();
}

ArrivingUploads::Progress ArrivingUploads::watch(int descriptor)
{
    const auto arrival = std::make_shared<Arrival>();
    {
        std::lock_guard lock(mutex_);
        if (busy_ == atOnce_)
            return {};
        ++busy_;
        arrivals_[descriptor] = arrival;
        waiting_.push_back(arrival);
    }
    changed_.notify_one();
    const std::shared_ptr<void> end(nullptr, [this, descriptor](void*) { forget(descriptor); });
    return [arrival, end](const util::SharedBytes& appended, bool whole) { arrival->grown(appended, whole); };
}

void ArrivingUploads::forget(int descriptor)
{
    std::lock_guard lock(mutex_);
    const auto found = arrivals_.find(descriptor);
    found->second->giveUp();
    arrivals_.erase(found);
}

std::optional<InspectedTarball> ArrivingUploads::take(int descriptor)
{
    std::shared_ptr<Arrival> arrival;
    {
        std::lock_guard lock(mutex_);
        const auto found = arrivals_.find(descriptor);
        if (found == arrivals_.end())
            return std::nullopt;
        arrival = found->second;
    }
    return arrival->wait();
}

void ArrivingUploads::work()
{
    util::nameThread("upload-check");
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_)
            return;
        auto arrival = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        arrival->inspect();
        arrival = nullptr;
        lock.lock();
        --busy_;
    }
}

} // namespace apbfarm::service
