// SPDX-License-Identifier: MIT
#include "storage/group_commit.h"

#include "util/worker.h"

#include <apbfarm/errors.h>

namespace apbfarm::storage {

namespace {

constexpr std::size_t kMostPerTransaction = 256;
constexpr std::chrono::milliseconds kShortestPause{1};
constexpr std::chrono::milliseconds kLongestPause{1000};   // all pauses together: about a second

bool isBroken(const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(error);
    } catch (const SqlFailure& failure) {
        return failure.kind() == SqlFailure::Kind::Broken;
    } catch (...) {
        return false;
    }
}

} // namespace

GroupCommit::GroupCommit(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)), thread_([this] { loop(); })
{
}

GroupCommit::~GroupCommit()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    gathered_.notify_one();
    thread_.join();
}

void GroupCommit::run(const Work& work)
{
    Item item{&work, nullptr};
    const auto batch = enqueue(item);
    batch->done.wait(0);
    if (item.error)
        std::rethrow_exception(item.error);
}

std::shared_ptr<GroupCommit::Batch> GroupCommit::enqueue(Item& item)
{
    std::shared_ptr<Batch> batch;
    bool first = false;
    {
        std::lock_guard lock(mutex_);
        first = waiting_.empty();
        if (first || waiting_.back()->items.size() >= kMostPerTransaction) {
            batch = std::make_shared<Batch>();
            batch->items.push_back(&item);
            waiting_.push_back(batch);
        } else {
            batch = waiting_.back();
            batch->items.push_back(&item);
        }
    }
    if (first)
        gathered_.notify_one();
    return batch;
}

std::size_t GroupCommit::waiting()
{
    std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& batch : waiting_)
        count += batch->items.size();
    return count;
}

StorageFigures GroupCommit::figures()
{
    auto commits = commits_.snapshot();
    return {commits.count, changes_.load(std::memory_order_relaxed), waiting(), commits.sum, std::move(commits.within)};
}

std::shared_ptr<GroupCommit::Batch> GroupCommit::take()
{
    std::unique_lock lock(mutex_);
    gathered_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty())
        return nullptr;
    auto batch = std::move(waiting_.front());
    waiting_.pop_front();
    return batch;
}

void GroupCommit::loop()
{
    util::nameThread("storage-writer");
    while (const auto batch = take()) {
        const auto begin = std::chrono::steady_clock::now();
        commit(*batch);
        commits_.add(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
        changes_.fetch_add(batch->items.size(), std::memory_order_relaxed);
        batch->done.store(1);
        batch->done.notify_all();
        tidy();
    }
}

void GroupCommit::commit(Batch& batch)
{
    if (writable() && commitTogether(batch))
        return;
    for (Item* item : batch.items)
        commitAlone(*item);
}

/// False: nothing was written, and each item is to be tried in a transaction of its own. Rare, so that the good case
/// needs no savepoints.
bool GroupCommit::commitTogether(Batch& batch)
{
    try {
        connection_->begin();
        for (Item* item : batch.items) {
            const auto before = connection_->totalChanges();
            try {
                (*item->work)(*connection_);
            } catch (...) {
                if (isBroken(std::current_exception()) || !leftNothing(before))
                    throw;
                fail(*item, std::current_exception());
            }
        }
        connection_->commit();
        return true;
    } catch (...) {
        const auto error = std::current_exception();
        for (Item* item : batch.items)
            item->error = nullptr;
        if (isBroken(error))
            writable_ = false;
    }
    undo();
    return false;
}

bool GroupCommit::leftNothing(std::int64_t changesBefore) const
{
    return connection_->inTransaction() && connection_->totalChanges() == changesBefore;
}

void GroupCommit::commitAlone(Item& item)
{
    if (!writable())
        return refuse(item);
    try {
        connection_->begin();
        (*item.work)(*connection_);
        connection_->commit();
        return;
    } catch (...) {
        fail(item, std::current_exception());
    }
    undo();
}

void GroupCommit::fail(Item& item, std::exception_ptr error)
{
    if (isBroken(error))
        writable_ = false;
    try {
        item.error = asSdkError(error);
    } catch (const std::bad_alloc&) {
        item.error = std::current_exception();
    }
}

void GroupCommit::refuse(Item& item)
{
    try {
        throw Unavailable("The database could not be written to; nothing is accepted until the farm is restarted",
                          "storage_failed");
    } catch (const std::exception&) {
        item.error = std::current_exception();
    }
}

/// Until that has worked nobody knows how the connection stands. A lack of memory may pass; everybody waits with it.
void GroupCommit::undo()
{
    for (auto pause = kShortestPause;; pause *= 2) {
        try {
            return connection_->rollback();
        } catch (const std::exception&) {
            if (isBroken(std::current_exception()) || pause > kLongestPause) {
                writable_ = false;
                return;
            }
        }
        std::this_thread::sleep_for(pause);
    }
}

void GroupCommit::tidy()
{
    bool idle = false;
    {
        std::lock_guard lock(mutex_);
        idle = waiting_.empty();
    }
    if (!writable())
        return;
    try {
        connection_->tidy(idle);
    } catch (const std::exception&) {
        if (isBroken(std::current_exception()))
            writable_ = false;
    }
}

} // namespace apbfarm::storage
