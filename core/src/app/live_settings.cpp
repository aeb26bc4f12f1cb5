// SPDX-License-Identifier: MIT
#include "app/live_settings.h"

#include <algorithm>
#include <utility>

namespace apbfarm::app {

std::vector<fleet::ConfiguredServer> serversOf(const FarmConfig& config)
{
    std::vector<fleet::ConfiguredServer> servers;
    for (const auto& entry : config.servers)
        servers.push_back({entry.url, entry.group});
    return servers;
}

life::Policy policyOf(const FarmConfig& config)
{
    return {config.follow.lostAfter, config.follow.lostGiveUpAfter, config.follow.missingAfter, config.follow.notFoundGap};
}

service::SubmitLimits submitLimitsOf(const FarmConfig& config)
{
    service::SubmitLimits limits;
    limits.queue = static_cast<std::size_t>(config.limits.queue);
    limits.queuePerUser = static_cast<std::size_t>(config.limits.queuePerUser);
    limits.perMinute = config.limits.submissionsPerMinute;
    limits.storageReserve = config.limits.storageReserve;
    limits.holdOfflineArchitectures = config.dispatch.holdOfflineArchitectures;
    return limits;
}

std::shared_ptr<fleet::ServerSecrets> serverSecretsOf(const FarmConfig& config,
                                                      std::function<void(const std::string&)> report)
{
    if (config.server.secretsFile.empty())
        return nullptr;
    return std::make_shared<fleet::ServerSecrets>(config.server.secretsFile, std::move(report));
}

fleet::ClientOptions clientOptionsOf(const FarmConfig& config, std::shared_ptr<fleet::ServerSecrets> secrets)
{
    fleet::ClientOptions options;
    options.connectTimeout = config.server.connectTimeout;
    options.answerTimeout = config.server.answerTimeout;
    options.submitTimeout = config.server.submitTimeout;
    options.stallTimeout = config.server.stallTimeout;
    options.maxArtifact = config.server.maxArtifact;
    options.caFile = config.server.caFile;
    options.secrets = std::move(secrets);
    return options;
}

dispatch::BuildFlow::Settings flowSettingsOf(const FarmConfig& config,
                                             std::shared_ptr<fleet::ServerSecrets> secrets)
{
    dispatch::BuildFlow::Settings settings;
    settings.pace.probe = config.follow.probeInterval;
    settings.pace.status = config.follow.statusInterval;
    settings.pace.log = config.follow.logInterval;
    settings.pace.discovery = config.follow.discoveryInterval;
    settings.pace.settle = std::min(settings.pace.settle, config.follow.statusInterval);
    settings.pace.backOff = std::min(settings.pace.backOff, config.follow.statusInterval);
    settings.pace.fileGiveUp = config.follow.lostGiveUpAfter;
    settings.client = clientOptionsOf(config, std::move(secrets));
    settings.dispatch = {config.dispatch.interval, config.dispatch.maxWait};
    return settings;
}

api::MetricsReaders readersOf(MetricsAccess access)
{
    switch (access) {
    case MetricsAccess::Anyone: return api::MetricsReaders::Anyone;
    case MetricsAccess::Admin: return api::MetricsReaders::Nobody;
    default: return api::MetricsReaders::OwnMachine;
    }
}

} // namespace apbfarm::app
