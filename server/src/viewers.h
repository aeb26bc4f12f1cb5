// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace apbfarm::server {

/// Callbacks of those who wait for more. Thread-safe; a callback runs without any lock held and may still be running
/// while its handle is dropped.
class Viewers {
public:
    std::shared_ptr<void> add(std::function<void()> wake)
    {
        auto callback = std::make_shared<std::function<void()>>(std::move(wake));
        std::lock_guard lock(list_->mutex);
        list_->callbacks.emplace(++list_->last, callback);
        return std::shared_ptr<void>(callback.get(), [list = list_, key = list_->last](void*) {
            std::lock_guard lock(list->mutex);
            list->callbacks.erase(key);
        });
    }

    void wake() const
    {
        std::vector<std::shared_ptr<std::function<void()>>> now;
        {
            std::lock_guard lock(list_->mutex);
            now.reserve(list_->callbacks.size());
            for (const auto& [key, callback] : list_->callbacks)
                now.push_back(callback);
        }
        for (const auto& callback : now)
            (*callback)();
    }

private:
    struct List {
        std::mutex mutex;
        std::map<std::uint64_t, std::shared_ptr<std::function<void()>>> callbacks;
        std::uint64_t last = 0;
    };
    std::shared_ptr<List> list_ = std::make_shared<List>();
};

} // namespace apbfarm::server
