// SPDX-License-Identifier: MIT
#include "app/commands.h"

#include "app/backup_command.h"
#include "app/doctor.h"
#include "app/password_command.h"
#include "app/plugin_list.h"
#include "app/restore_command.h"
#include "app/rotate_command.h"

#include <Poco/Logger.h>

#include <sys/stat.h>

#include <stdexcept>

namespace apbfarm::app {

bool isCommand(Task task)
{
    return task == Task::ListPlugins || task >= Task::Backup;
}

int runCommand(const Invocation& invocation, std::ostream& out)
{
    ::umask(077);
    auto& logger = Poco::Logger::root();
    const auto load = [&](BuildServers servers = BuildServers::Optional) {
        return loadConfig(invocation.commandLine, processEnvironment(), servers);
    };
    switch (invocation.task) {
    case Task::ListPlugins: return listPlugins(load(), out);
    case Task::Backup: return makeBackup(load(), invocation.subject, invocation.withSecrets, out);
    case Task::Restore: restoreBackup(load(), invocation.subject, invocation.force, out); return 0;
    case Task::Doctor:
        return runDoctor([&] { return load(BuildServers::Required); }, {invocation.deep, invocation.json}, logger, out);
    case Task::RotateKey: rotateKey(load(), invocation.keyFile, out); return 0;
    case Task::SetAdminPassword: setAdminPassword(load(), invocation.subject, logger, out); return 0;
    default: throw std::logic_error("not a command");
    }
}

} // namespace apbfarm::app
