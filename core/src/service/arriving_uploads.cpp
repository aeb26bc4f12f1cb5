// SPDX-License-Identifier: MIT
#include "service/arriving_uploads.h"

#include "util/unique_fd.h"
#include "util/worker.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

namespace apbfarm::service {

namespace {

constexpr std::size_t kPiece = 256 << 10;
constexpr std::size_t kWorthHolding = 64 << 10;   // smaller pieces keep a whole buffer for too little
constexpr std::size_t kMostHeld = 4;
constexpr std::size_t kMostThreads = 4;

} // namespace

/// One file: grows on the one side and is read on the other, by one thread that waits for what is not there yet. The
/// bytes are taken from where they were received; what could not be held is read back from the file.
class ArrivingUploads::Arrival final : public package::ByteSource {
public:
    /// The copy of the descriptor keeps the file as long as it is read.
    explicit Arrival(util::UniqueFd file) : file_(std::move(file)) {}

    void grown(const util::SharedBytes& appended, bool whole)
    {
        std::lock_guard lock(mutex_);
        if (appended.owner && appended.bytes.size() >= kWorthHolding && held_.size() < kMostHeld && !done_)
            held_.push_back({size_, appended});
        size_ += appended.bytes.size();
        whole_ = whole;
        if (hasPiece())
            changed_.notify_all();
    }
    void giveUp()
    {
        std::lock_guard lock(mutex_);
        givenUp_ = true;
        changed_.notify_all();
    }

    std::string_view read() override
    {
        current_ = {};
        const auto size = waitForPiece();
        return current_.owner ? current_.bytes : readBack(size);
    }

    void inspect()
    {
        std::optional<InspectedTarball> found;
        std::exception_ptr error;
        try {
            found = inspectTarballUpload(*this);
        } catch (...) {
            error = std::current_exception();
        }
        current_ = {};
        std::string().swap(buffer_);
        file_.reset();
        std::lock_guard lock(mutex_);
        held_.clear();
        found_ = std::move(found);
        error_ = error;
        done_ = true;
        changed_.notify_all();
    }

    InspectedTarball wait()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return done_; });
        if (error_)
            std::rethrow_exception(error_);
        return *found_;
    }

private:
    struct Held {
        std::uint64_t offset;
        util::SharedBytes piece;
    };

    bool hasPiece() const { return whole_ || !held_.empty() || size_ >= offset_ + kPiece; }

    /// Takes the next piece when it was held, else answers how much to read back.
    std::size_t waitForPiece()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return givenUp_ || hasPiece(); });
        if (givenUp_)
            throw Unavailable("The upload was broken off", "upload_broken_off");
        const auto start = offset_;
        if (!held_.empty() && held_.front().offset == offset_) {
            current_ = std::move(held_.front().piece);
            held_.pop_front();
            offset_ += current_.bytes.size();
        } else {
            offset_ = std::min(held_.empty() ? size_ : held_.front().offset, offset_ + kPiece);
        }
        return offset_ - start;
    }

    /// `size` bytes up to `offset_`.
    std::string_view readBack(std::size_t size)
    {
        buffer_.resize(kPiece);
        const auto start = offset_ - size;
        std::size_t have = 0;
        while (have < size) {
            const auto at = static_cast<off_t>(start + have);
            const auto got = ::pread(file_.get(), buffer_.data() + have, size - have, at);
            if (got == 0 || (got < 0 && errno != EINTR))
                throw Unavailable(std::string("cannot read an upload: ") + std::strerror(errno), "storage_failed");
            have += got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        return std::string_view(buffer_).substr(0, have);
    }

    util::UniqueFd file_;
    std::string buffer_;
    util::SharedBytes current_;   ///< what `read` gave last, when it was held
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Held> held_;
    std::uint64_t size_ = 0;
    std::uint64_t offset_ = 0;    ///< of the reader, which alone changes it
    bool whole_ = false;
    bool givenUp_ = false;
    bool done_ = false;
    std::optional<InspectedTarball> found_;
    std::exception_ptr error_;
};

std::size_t ArrivingUploads::defaultThreads()
{
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
}

ArrivingUploads::ArrivingUploads(std::size_t atOnce) : atOnce_(atOnce)
{
    for (std::size_t i = 0; i < atOnce_; ++i)
        threads_.emplace_back([this] { work(); });
}

ArrivingUploads::~ArrivingUploads()
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
    util::UniqueFd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!copy)
        return {};
    const auto arrival = std::make_shared<Arrival>(std::move(copy));
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
        arrival.reset();
        lock.lock();
        --busy_;
    }
}

} // namespace apbfarm::service
