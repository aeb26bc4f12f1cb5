// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace apbfarm::http {

/// Counts what is in use, in all and per key, against two limits. Thread-safe.
class Quota {
public:
    enum class Verdict { Granted, TotalReached, KeyReached };

    Quota(std::size_t total, std::size_t perKey) : total_(total), perKey_(perKey) {}

    /// An empty key counts in the total only.
    Verdict take(std::string_view key)
    {
        std::lock_guard lock(mutex_);
        if (used_ >= total_)
            return Verdict::TotalReached;
        if (!key.empty()) {
            auto slot = keys_.try_emplace(std::string(key), 0).first;
            if (slot->second >= perKey_)
                return Verdict::KeyReached;
            ++slot->second;
        }
        ++used_;
        return Verdict::Granted;
    }
    void give(std::string_view key)
    {
        std::lock_guard lock(mutex_);
        --used_;
        if (const auto slot = keys_.find(key); slot != keys_.end() && --slot->second == 0)
            keys_.erase(slot);
    }
    std::size_t used() const
    {
        std::lock_guard lock(mutex_);
        return used_;
    }

private:
    mutable std::mutex mutex_;
    std::size_t total_, perKey_, used_ = 0;
    std::map<std::string, std::size_t, std::less<>> keys_;
};

/// What a quota granted, given back with the object.
class QuotaLease {
public:
    QuotaLease() = default;
    QuotaLease(Quota& quota, std::string key) : quota_(&quota), key_(std::move(key)) {}
    QuotaLease(QuotaLease&& other) noexcept
        : quota_(std::exchange(other.quota_, nullptr)), key_(std::move(other.key_)) {}
    QuotaLease& operator=(QuotaLease&& other) noexcept
    {
        release();
        quota_ = std::exchange(other.quota_, nullptr);
        key_ = std::move(other.key_);
        return *this;
    }
    ~QuotaLease() { release(); }

    void release()
    {
        if (auto* quota = std::exchange(quota_, nullptr))
            quota->give(key_);
    }

private:
    Quota* quota_ = nullptr;
    std::string key_;
};

} // namespace apbfarm::http
