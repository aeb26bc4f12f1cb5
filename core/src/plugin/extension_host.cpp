// SPDX-License-Identifier: MIT
#include "plugin/extension_host.h"

#include "plugin/extension_options.h"
#include "plugin/guarded_authenticator.h"
#include "plugin/guarded_http_module.h"
#include "plugin/guarded_notifier.h"
#include "plugin/guarded_scheduler.h"
#include "plugin/plugin_set.h"
#include "util/text.h"

#include <Poco/Logger.h>

#include <stdexcept>

namespace apbfarm::plugin {

namespace {

using namespace std::chrono_literals;

// Above these a call is reported as slow; none is interrupted.
constexpr auto kSlowStorage = 1s;
constexpr auto kSlowAuthenticator = 5s;
constexpr auto kSlowScheduler = 5ms;
constexpr auto kSlowNotifier = 30s;
constexpr auto kSlowHandler = 30s;

} // namespace

class ExtensionHost::Context final : public ExtensionContext {
public:
    Context(const ExtensionHost& host, ExtensionOptions options, Poco::Logger& logger)
        : host_(host), options_(std::move(options)), logger_(logger)
    {
    }

    const OptionView& config() const override { return options_; }
    Poco::Logger& logger() override { return logger_; }
    Storage& storage() override
    {
        if (!host_.storage_)
            throw std::logic_error("There is no storage while the storage itself is being created");
        return *host_.storage_;
    }
    SecretBox& secrets() override { return host_.secrets_; }
    std::string stateDirectory() const override { return host_.stateDirectory_; }

private:
    const ExtensionHost& host_;
    ExtensionOptions options_;
    Poco::Logger& logger_;
};

struct ExtensionHost::Slot {
    Context context;
    PluginGuard guard;
    std::shared_ptr<void> extension;   // last: goes before what it was lent

    template <class Extension> Extension& keep(std::unique_ptr<Extension> made)
    {
        auto& reference = *made;
        extension = std::shared_ptr<Extension>(std::move(made));
        return reference;
    }
};

ExtensionHost::ExtensionHost(const ExtensionCatalog& catalog, const util::ConfigValues& configuration,
                             SecretBox& secrets, std::string stateDirectory, const util::Clock& clock)
    : catalog_(catalog), configuration_(configuration), secrets_(secrets), stateDirectory_(std::move(stateDirectory)),
      clock_(clock)
{
    if (!stateDirectory_.ends_with('/'))
        stateDirectory_ += '/';
}

ExtensionHost::~ExtensionHost()
{
    while (!slots_.empty())
        slots_.pop_back();
}

template <class Extension> const CatalogEntry<Extension>& ExtensionHost::entryOf(const std::string& name) const
{
    if (const auto* entry = catalog_.find<Extension>(name))
        return *entry;
    const auto names = catalog_.names<Extension>();
    throw PluginError(std::string("There is no ") + ExtensionPoint<Extension>::noun + " '" + name + "'. " +
                      (names.empty() ? std::string("No loaded plugin offers any.")
                                     : "Loaded plugins offer: " + util::join(names, ", ") + ".") +
                      " Correct the name, or add the plugin that has it to plugins.load.");
}

template <class Extension>
ExtensionHost::Slot& ExtensionHost::makeSlot(const std::string& name, std::chrono::microseconds slowAfter)
{
    const auto& entry = entryOf<Extension>(name);
    const std::string title = std::string(ExtensionPoint<Extension>::noun) + " " + name;
    if (!created_.insert(title).second)
        throw PluginError("The configuration asks twice for the " + title + ". Name it once.");

    ExtensionOptions options(optionPrefix<Extension>(name), entry.provider.options, configuration_);
    auto& logger = Poco::Logger::get(entry.plugin);
    slots_.push_back(std::unique_ptr<Slot>(new Slot{{*this, std::move(options), logger},
                                                    {title, logger, clock_, slowAfter},
                                                    nullptr}));
    return *slots_.back();
}

template <class Extension> std::unique_ptr<Extension> ExtensionHost::create(const std::string& name, Slot& slot)
{
    const auto& entry = entryOf<Extension>(name);
    const auto failed = [&](const std::string& reason) {
        return PluginError("The " + slot.guard.extension() + " of the plugin " + entry.plugin +
                           " could not be created: " + reason + ".");
    };
    std::unique_ptr<Extension> made;
    try {
        made = entry.provider.create(slot.context);
    } catch (...) {
        throw failed(describeCurrentException());
    }
    if (!made)
        throw failed("the plugin gave nothing");
    return made;
}

Storage& ExtensionHost::createStorage(const std::string& name)
{
    if (storage_)
        throw std::logic_error("The storage was created before");
    auto& slot = makeSlot<Storage>(name, kSlowStorage);
    storage_ = &slot.keep(create<Storage>(name, slot));
    return *storage_;
}

Authenticator& ExtensionHost::createAuthenticator(const std::string& name)
{
    auto& slot = makeSlot<Authenticator>(name, kSlowAuthenticator);
    return slot.keep(std::make_unique<GuardedAuthenticator>(create<Authenticator>(name, slot), slot.guard));
}

Scheduler& ExtensionHost::createScheduler(const std::string& name)
{
    auto& slot = makeSlot<Scheduler>(name, kSlowScheduler);
    return slot.keep(std::make_unique<GuardedScheduler>(create<Scheduler>(name, slot), name, slot.guard));
}

Notifier* ExtensionHost::createNotifier(const std::string& name)
{
    try {
        auto& slot = makeSlot<Notifier>(name, kSlowNotifier);
        return &slot.keep(std::make_unique<GuardedNotifier>(create<Notifier>(name, slot), slot.guard));
    } catch (const PluginError& error) {
        if (!isOptionalNotifier(name, configuration_))
            throw;
        Poco::Logger::get("plugin").warning(std::string("Going on without an optional notifier. ") + error.what());
        return nullptr;
    }
}

HttpModule& ExtensionHost::createHttpModule(const std::string& name)
{
    auto& slot = makeSlot<HttpModule>(name, kSlowHandler);
    auto inner = create<HttpModule>(name, slot);
    try {
        return slot.keep(std::make_unique<GuardedHttpModule>(std::move(inner), slot.guard));
    } catch (...) {
        throw PluginError("The " + slot.guard.extension() + " cannot be used: " + describeCurrentException() + ".");
    }
}

std::vector<GuardReport> ExtensionHost::reports() const
{
    std::vector<GuardReport> reports;
    for (const auto& slot : slots_)
        reports.push_back(slot->guard.report());
    return reports;
}

} // namespace apbfarm::plugin
