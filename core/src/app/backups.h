// SPDX-License-Identifier: MIT
#pragma once

#include "service/admin_alerts.h"
#include "util/guarded.h"
#include "util/task_board.h"
#include "util/worker.h"

#include <apbfarm/storage.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace apbfarm::app {

/// Copies of the database, made while it is in use, on a thread of their own. The newest is `farm.db.backup`, the one
/// before it `farm.db.backup.1`; a backup appears whole or not at all (D14). A failed one is told to administrators and
/// tried again after five minutes, or earlier when it is due.
class Backups {
public:
    Backups(Storage& storage, std::filesystem::path folder, util::TaskBoard& tasks, service::AdminAlerts& alerts,
            util::Worker::OnError onError);

    /// From now on, beginning with one at once when none were made before. Zero: none. From one thread.
    void every(std::chrono::milliseconds interval);

private:
    std::optional<std::chrono::milliseconds> backUp();
    void write();

    Storage& storage_;
    const std::filesystem::path folder_;
    util::TaskBoard& tasks_;
    service::AdminAlerts& alerts_;
    const util::Worker::OnError onError_;
    std::atomic<std::chrono::milliseconds> interval_{std::chrono::milliseconds(0)};
    std::unique_ptr<util::Worker> worker_;   ///< null when none are wanted
};

} // namespace apbfarm::app
