// SPDX-License-Identifier: MIT
#include "service/arriving_uploads.h"

#include "util/secrets.h"
#include "util/worker.h"

#include <apbfarm/errors.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace apbfarm::service {

namespace {

constexpr std::size_t kMostAtOnce = 4;

/// The pieces of one upload for one thread, which waits for those that are not there yet. The next piece may come on
/// any thread.
class Pieces final : public package::ByteSource {
public:
    /// A reader that sleeps is woken for so many, which must be fewer than those that there are at all.
    explicit Pieces(std::size_t worthWaking) : worthWaking_(worthWaking) {}

    void add(const util::SharedBytes& piece, bool whole)
    {
        std::unique_lock lock(mutex_);
        whole_ = whole;
        if (!piece.bytes.empty() && !closed_)
            waiting_.push_back(piece);
        const bool worthIt = whole || waiting_.size() >= worthWaking_;
        lock.unlock();   // woken before that, the reader would have to wait for it
        if (worthIt)
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
    const std::size_t worthWaking_;
    util::SharedBytes current_;   ///< of the reader
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<util::SharedBytes> waiting_;
    bool whole_ = false;
    bool closed_ = false;
};

std::string digestOf(package::ByteSource& bytes)
{
    util::Sha256 digest;
    for (auto piece = bytes.read(); !piece.empty(); piece = bytes.read())
        digest.update(piece);
    return digest.hex();
}

} // namespace

/// One file: looked through by one thread and hashed by another, in the memory it was received in.
class ArrivingUploads::Arrival {
public:
    void grown(const util::SharedBytes& appended, bool whole)
    {
        toInspect_.add(appended, whole);
        toHash_.add(appended, whole);
    }
    void giveUp()
    {
        toInspect_.close();
        toHash_.close();
    }

    /// Both say whether nothing is left to do.
    bool inspect()
    {
        return finish(toInspect_, [this] { found_.info = readTarballUpload(toInspect_); });
    }
    bool hash()
    {
        return finish(toHash_, [this] { found_.digest = digestOf(toHash_); });
    }

    InspectedTarball wait()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return done_ == kTasks; });
        if (error_)
            std::rethrow_exception(error_);
        return found_;
    }

private:
    static constexpr int kTasks = 2;

    /// What fails first says why, and nobody has to go on.
    template <class F> bool finish(Pieces& pieces, F&& task)
    {
        std::exception_ptr error;
        try {
            task();
        } catch (...) {
            error = std::current_exception();
        }
        pieces.closeReader();
        {
            std::lock_guard lock(mutex_);
            if (!error_)
                error_ = error;
        }
        if (error)
            giveUp();
        std::lock_guard lock(mutex_);
        changed_.notify_all();
        return ++done_ == kTasks;
    }

    // The inspection is several times as fast, and would sleep and wake for each piece.
    Pieces toInspect_{3}, toHash_{1};
    InspectedTarball found_;   ///< until they are done each task has its own part
    std::mutex mutex_;
    std::condition_variable changed_;
    int done_ = 0;
    std::exception_ptr error_;
};

std::size_t ArrivingUploads::defaultAtOnce()
{
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostAtOnce);
}

ArrivingUploads::ArrivingUploads(std::size_t atOnce) : atOnce_(atOnce)
{
    try {
        for (std::size_t i = 0; i < 2 * atOnce_; ++i)
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
        waiting_.push_back([arrival] { return arrival->inspect(); });
        waiting_.push_back([arrival] { return arrival->hash(); });
    }
    changed_.notify_all();
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
        auto task = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        const bool isLast = task();
        task = nullptr;
        lock.lock();
        if (isLast)
            --busy_;
    }
}

} // namespace apbfarm::service
