// SPDX-License-Identifier: MIT
// The pages and what the admin panel is told about the process; the rest of `Farm` is in farm.cpp.
#include "app/farm.h"

#include "app/install_paths.h"
#include "app/live_settings.h"
#include "plugin/extension_point.h"
#include "util/text.h"

#include <algorithm>

namespace apbfarm::app {

namespace {

/// Values of options whose name says so are shown to nobody.
bool isSecret(const std::string& name)
{
    return std::ranges::any_of(std::initializer_list<std::string_view>{"password", "secret", "token"},
                               [&](auto word) { return util::toLower(name).find(word) != std::string::npos; });
}

template <class Extension>
void describe(const plugin::ExtensionCatalog& catalog, const ConfigValues& options,
              std::vector<api::ExtensionCard>& cards)
{
    using Point = plugin::ExtensionPoint<Extension>;
    const std::string title = std::string(Point::noun) + " ";
    for (auto& card : cards) {
        if (!card.name.starts_with(title))
            continue;
        const auto name = card.name.substr(title.size());
        const auto* entry = catalog.find<Extension>(name);
        if (!entry)
            continue;
        card.plugin = entry->plugin;
        card.summary = entry->provider.summary;
        for (const auto& option : entry->provider.options) {
            const auto given = options.find(plugin::optionPrefix<Extension>(name) + option.name);
            const auto& value = given == options.end() ? option.defaultValue : given->second.text;
            card.options.push_back({option.name, isSecret(option.name) && !value.empty() ? "(kept secret)" : value, option.help});
        }
    }
}

} // namespace

void Farm::createPages()
{
    estimates_ = std::make_unique<service::BuildEstimates>(storage_->builds(), clock_);
    outlines_ = std::make_unique<files::LogOutlines>(logs_);
    compressedLogs_ = std::make_unique<files::CompressedLogs>(logs_, config_.state.directory / "compressed-logs");
    rebuilds_ = std::make_unique<service::RebuildService>(*builds_, *ledger_, *payloads_);
    logRoutes_ = std::make_unique<api::LogRoutes>(*reader_, logs_, *outlines_, *compressedLogs_);
    rebuildRoutes_ = std::make_unique<api::RebuildRoutes>(*rebuilds_);
    site_ = std::make_unique<api::PageSite>(
        api::PageContext{*fleet_, queue_, *reader_, storage_->builds(), storage_->users(), *sessions_, logs_, clock_,
                         [this](const auto& in, auto& out) { buildRoutes_->status(in, out); }, APB_FARM_VERSION,
                         config_.http.publicUrl, *estimates_, *outlines_},
        webDirectory(config_));
    pageRoutes_ = std::make_unique<api::PageRoutes>(*site_, changes_);
    feedRoutes_ = std::make_unique<api::FeedRoutes>(*site_);
    statisticsPage_ = std::make_unique<api::StatisticsPage>(*site_, *statistics_);
    myPages_ = std::make_unique<api::MyPages>(*site_, *sessions_, *users_, *builds_);
    adminPages_ = std::make_unique<api::AdminPages>(*site_, adminContext());
}

void Farm::createCare()
{
    statistics_ = std::make_unique<service::StatisticsService>(storage_->builds(), clock_, reporter());
    care_ = std::make_unique<service::ServerCare>(
        storage_->settings(), storage_->audit(), *fleet_, clock_,
        [options = clientOptionsOf(config_, serverSecrets_)](const ServerId& server) { return fleet::ServerClient(server, options).info(); });
}

api::AdminContext Farm::adminContext()
{
    return {*users_, *care_, *statistics_, *repositories_, *retention_, [this] { return cacheFacts(); }, tasks_, storage_->audit(),
            [this] { return extensionCards(); }, [this] { return settingRows(); }, [this] { return warnings(); }};
}

api::CacheFacts Farm::cacheFacts() const
{
    const auto cache = live_.copy().cache;
    return {cache.enabled, cache.retentionDays, (config_.state.directory / "artifacts").string(), cache.maxSize};
}

std::vector<api::ExtensionCard> Farm::extensionCards() const
{
    std::vector<api::ExtensionCard> cards;
    for (const auto& report : extensions_->reports()) {
        api::ExtensionCard card;
        card.name = report.extension;
        card.version = APB_FARM_VERSION;
        card.calls = report.calls;
        card.failures = report.failures;
        card.slow = report.slow;
        card.lastFailure = report.lastFailure;
        if (report.failures > 0)
            card.lastFailureAt = report.lastFailureAt;
        cards.push_back(std::move(card));
    }
    describe<Storage>(catalog_, pluginOptions_, cards);
    describe<Scheduler>(catalog_, pluginOptions_, cards);
    describe<Authenticator>(catalog_, pluginOptions_, cards);
    describe<Notifier>(catalog_, pluginOptions_, cards);
    describe<HttpModule>(catalog_, pluginOptions_, cards);
    return cards;
}

std::vector<api::SettingRow> Farm::settingRows() const
{
    std::vector<api::SettingRow> rows;
    for (const auto& setting : config_.inForce)
        rows.push_back({setting.group, setting.key, setting.value, setting.origin, setting.help, setting.isDefault});
    for (const auto& [key, value] : config_.pluginOptions)
        rows.push_back({"Options of plugins", key, isSecret(key) ? "(kept secret)" : value.text, value.origin, "", false});
    return rows;
}

/// What an administrator should look at.
std::vector<std::string> Farm::warnings()
{
    std::vector<std::string> sentences = config_.warnings;
    for (const auto& part : readiness())
        if (!part.detail.empty())
            sentences.push_back(part.component + ": " + part.detail);
    for (const auto& server : fleet_->list()) {
        const auto health = server.snapshot.health;
        if (health == ServerHealth::Unavailable || health == ServerHealth::Misconfigured)
            sentences.push_back("The server " + server.snapshot.id + " is " + std::string(toText(health))
                                + (server.reason.empty() ? "" : ": " + server.reason));
    }
    for (const auto& report : extensions_->reports())
        if (report.failures > 0)
            sentences.push_back("The extension " + report.extension + " has failed "
                                + std::to_string(report.failures) + " times: " + report.lastFailure);
    return sentences;
}

} // namespace apbfarm::app
