// SPDX-License-Identifier: MIT
#include "storage/read_pool.h"

namespace apbfarm::storage {

ReadPool::ReadPool(std::vector<std::unique_ptr<Connection>> connections) : free_(std::move(connections)) {}

std::unique_ptr<Connection> ReadPool::lend()
{
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !free_.empty(); });
    auto connection = std::move(free_.back());   // the last used one: its caches are warm
    free_.pop_back();
    return connection;
}

void ReadPool::giveBack(std::unique_ptr<Connection> connection)
{
    {
        std::lock_guard lock(mutex_);
        free_.push_back(std::move(connection));
    }
    returned_.notify_one();
}

} // namespace apbfarm::storage
