// SPDX-License-Identifier: MIT
#include "storage/sqlite_storage.h"

#include <apbfarm/plugin.h>

#include <Poco/Logger.h>

namespace {

std::unique_ptr<apbfarm::Storage> open(apbfarm::ExtensionContext& context)
{
    auto path = context.config().getString("path");
    if (path.empty())
        path = context.stateDirectory() + "farm.db";
    auto& logger = context.logger();
    return apbfarm::storage::openSqlite({.file = path, .progress = [&logger, path](const std::string& what) {
                                             logger.information(path + ": " + what);
                                         }});
}

} // namespace

APB_FARM_PLUGIN("storage-sqlite", "1.0.0")
{
    registry.add(apbfarm::Provider<apbfarm::Storage>{
        .name = "sqlite",
        .summary = "Keeps builds, accounts and everything else in one SQLite file",
        .options = {{"path", "", "database file; empty: farm.db in the state directory"}},
        .create = open,
    });
}
