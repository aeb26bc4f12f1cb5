// SPDX-License-Identifier: MIT
#pragma once

#include "util/guarded.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace apbfarm::util {

/// Whom to call when something new is there. Thread-safe.
class Listeners {
public:
    /// `wake` is called until the returned handle is dropped, which may be after this object is gone.
    std::shared_ptr<void> add(std::function<void()> wake)
    {
        const auto key = all_->with([&](All& all) {
            all.wakes.emplace(++all.lastKey, std::move(wake));
            return all.lastKey;
        });
        return std::make_shared<Handle>(all_, key);
    }

    /// A wake may add or drop listeners, so no lock is held meanwhile.
    void wakeAll() const
    {
        for (const auto& [key, wake] : all_->with([](const All& all) { return all.wakes; }))
            wake();
    }

private:
    struct All {
        std::uint64_t lastKey = 0;
        std::map<std::uint64_t, std::function<void()>> wakes;
    };
    struct Handle {
        Handle(std::shared_ptr<Guarded<All>> listeners, std::uint64_t own) : all(std::move(listeners)), key(own) {}
        ~Handle()
        {
            all->with([this](All& there) { there.wakes.erase(key); });
        }
        std::shared_ptr<Guarded<All>> all;
        std::uint64_t key;
    };

    std::shared_ptr<Guarded<All>> all_ = std::make_shared<Guarded<All>>();
};

} // namespace apbfarm::util
