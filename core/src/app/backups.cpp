// SPDX-License-Identifier: MIT
#include "app/backups.h"

#include "util/durable_file.h"

#include <algorithm>
#include <utility>

namespace apbfarm::app {

using std::chrono::milliseconds;

namespace {

constexpr auto kTask = "backup";
constexpr auto kSummary = "Copies the database";
constexpr std::chrono::minutes kRetry{5};

} // namespace

Backups::Backups(Storage& storage, std::filesystem::path folder, util::TaskBoard& tasks, service::AdminAlerts& alerts,
                 util::Worker::OnError onError)
    : storage_(storage), folder_(std::move(folder)), tasks_(tasks), alerts_(alerts), onError_(std::move(onError))
{
}

void Backups::every(milliseconds interval)
{
    interval_ = interval;
    if (interval <= milliseconds(0))
        return worker_.reset();
    if (worker_)
        return worker_->wake();
    worker_ = std::make_unique<util::Worker>(kTask, tasks_.watched(kTask, kSummary, [this] { return backUp(); }),
                                             onError_);
}

std::optional<milliseconds> Backups::backUp()
{
    const milliseconds interval = interval_;
    try {
        write();
    } catch (const std::exception& error) {
        tasks_.task(kTask, kSummary).failed(error.what());
        alerts_.set("backup", {"failed", "APB Farm: the database could not be backed up", error.what()});
        return std::min<milliseconds>(interval, kRetry);
    }
    alerts_.set("backup", {"", "APB Farm: the database is backed up again", "The last backup is complete."});
    return interval;
}

void Backups::write()
{
    util::makePrivateDirectory(folder_);
    const auto newest = folder_ / "farm.db.backup", before = folder_ / "farm.db.backup.1";
    const auto fresh = folder_ / "farm.db.new";
    std::filesystem::remove(fresh);
    storage_.backupTo(fresh.string());
    if (std::filesystem::exists(newest)) {
        // A second name first: at no moment is there no newest backup.
        std::filesystem::remove(before);
        std::filesystem::create_hard_link(newest, before);
    }
    std::filesystem::rename(fresh, newest);
    util::syncDirectory(folder_);
}

} // namespace apbfarm::app
