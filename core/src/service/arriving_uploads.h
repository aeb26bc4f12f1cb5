// SPDX-License-Identifier: MIT
#pragma once

#include "service/source_upload.h"
#include "util/shared_bytes.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace apbfarm::service {

/// Looks through large tarballs and hashes them while they still arrive, so that little is left to do once they are
/// whole.
///
/// A help and no duty: what nobody looked at is looked at afterwards. Thread-safe.
class ArrivingUploads {
public:
    /// To be told what was appended to the file, with its owner, and whether that was all. Destroyed before the file is
    /// closed.
    using Progress = std::function<void(const util::SharedBytes& appended, bool whole)>;

    explicit ArrivingUploads(std::size_t atOnce = defaultAtOnce());
    /// All that `watch` returned must be gone.
    ~ArrivingUploads();
    ArrivingUploads(const ArrivingUploads&) = delete;
    ArrivingUploads& operator=(const ArrivingUploads&) = delete;

    /// Empty when enough are looked at. Does not block.
    Progress watch(int descriptor);

    /// What is in the file of that descriptor, once that is known; empty when nobody looks at it. Throws what
    /// `readTarballUpload` throws. To be called only after the file is whole.
    std::optional<InspectedTarball> take(int descriptor);

private:
    class Arrival;

    static std::size_t defaultAtOnce();
    void endThreads();
    void work();
    void forget(int descriptor);

    const std::size_t atOnce_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<int, std::shared_ptr<Arrival>> arrivals_;   ///< by the descriptor that others know it by
    std::deque<std::shared_ptr<Arrival>> waiting_;
    std::size_t busy_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;                   // last: start when all else is there
};

} // namespace apbfarm::service
