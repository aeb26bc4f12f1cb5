// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace apbfarm::util {

/// What a file of secrets holds, at most 256 KiB. Throws `InvalidInput` naming the file: when it cannot be read, when
/// others may read or change it, and when it belongs to another account than this process's or root's (O2). Root may
/// read the files of all accounts.
std::string readSecretFile(const std::filesystem::path& file);

/// What is wrong with a secret that two programs share and send as `Authorization: Bearer`; empty when nothing is. The
/// words say nothing of the secret itself.
std::string faultOfSharedSecret(std::string_view secret);

/// Tells one content of a file from the next without reading it. All zero for a file that is not there.
struct FileVersion {
    static FileVersion of(const std::filesystem::path& file);

    ino_t file = 0;
    off_t size = 0;
    time_t seconds = 0;      ///< of the last change of content, owner or rights
    long nanoseconds = 0;

    bool operator==(const FileVersion&) const = default;
};

/// What a file says, read again when it has changed. Thread-safe; no lock is held meanwhile.
template <class Value> class FollowedFile {
public:
    using Read = std::function<Value(const std::filesystem::path&)>;
    /// Takes a sentence: the file was read again (`empty`), or why it was not.
    using Report = std::function<void(const std::string& trouble)>;

    /// Throws what `read` throws.
    FollowedFile(std::filesystem::path file, Read read, Report report)
        : file_(std::move(file)), read_(std::move(read)), report_(std::move(report)), seen_(FileVersion::of(file_)),
          value_(std::make_shared<const Value>(read_(file_)))
    {
    }

    /// Never null. A change that makes no sense leaves all as it was and is reported, once.
    std::shared_ptr<const Value> current()
    {
        const auto version = FileVersion::of(file_);
        {
            std::lock_guard lock(mutex_);
            if (version == seen_)
                return value_;
            seen_ = version;
        }
        std::shared_ptr<const Value> fresh;
        try {
            fresh = std::make_shared<const Value>(read_(file_));
            report_("");
        } catch (const std::exception& error) {
            report_(error.what());
        }
        std::lock_guard lock(mutex_);
        // Somebody may have seen a later version meanwhile.
        if (fresh && version == seen_)
            value_ = std::move(fresh);
        return value_;
    }

private:
    const std::filesystem::path file_;
    const Read read_;
    const Report report_;
    std::mutex mutex_;
    FileVersion seen_;
    std::shared_ptr<const Value> value_;
};

} // namespace apbfarm::util
