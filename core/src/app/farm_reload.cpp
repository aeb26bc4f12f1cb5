// SPDX-License-Identifier: MIT
#include "app/farm.h"
#include "app/farm_config_options.h"
#include "app/live_settings.h"
#include "app/log_setup.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::app {

util::Task& Farm::reloadTask()
{
    return tasks_.task("reload", "Reads the configuration again when told to by SIGHUP");
}

void Farm::reload(const std::function<FarmConfig()>& read)
{
    service::AuditTrail audit(storage_->audit(), clock_);
    try {
        reloadTask().run([&] { reconfigure(read()); });
        audit.record("config_reloaded", "configuration", "ok");
    } catch (const std::exception& error) {
        logger_.error(std::string("The configuration was not reloaded, nothing has changed: ") + error.what());
        try {
            audit.record("config_reload_failed", "configuration", util::oneLine(error.what(), 400));
        } catch (const std::exception& unwritten) {
            logger_.error(std::string("The audit trail could not be written: ") + unwritten.what());
        }
    }
}

void Farm::reconfigure(const FarmConfig& fresh)
{
    const auto before = live_.copy();
    auto next = before;
    takeLiveOptions(next, fresh);
    fleet_->configure(serversOf(next));
    try {
        flow_->configure(flowSettingsOf(next, serverSecrets_));
    } catch (...) {
        fleet_->configure(serversOf(before));
        throw;
    }
    live_.with([&](FarmConfig& now) { now = next; });
    ledger_->configure(policyOf(next));
    retention_->configure(retentionPolicy());
    cacheCleaning_->wake();
    builds_->configure(submitLimitsOf(next));
    adminRoutes_->admit(readersOf(next.http.metricsAccess));
    setLogLevel(next.log.level);
    if (next.database.backupInterval != before.database.backupInterval)
        backups_->every(next.database.backupInterval);
    nextTokenCleanup_ = clock_.steady();
    housekeeping_->wake();
    sayWhatChanged(before, next, fresh);
}

void Farm::sayWhatChanged(const FarmConfig& before, const FarmConfig& next, const FarmConfig& fresh)
{
    const auto difference = [&](const FarmConfig& from, const FarmConfig& other, const std::string& what) {
        for (const auto& server : from.servers)
            if (std::ranges::find(other.servers, server) == other.servers.end())
                logger_.information(what + server.url + " (" + server.group + ")");
    };
    difference(before, next, "No longer configured: ");
    difference(next, before, "Configured now: ");
    for (const auto& warning : fresh.warnings)
        logger_.warning(warning);
    if (const auto keys = optionsThatNeedRestart(config_, fresh); !keys.empty())
        logger_.warning("These options have changed and count after a restart only: " + util::join(keys, ", "));
    logger_.information("The configuration was reloaded");
}

} // namespace apbfarm::app
