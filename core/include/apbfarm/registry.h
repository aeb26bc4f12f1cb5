// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/context.h>
#include <apbfarm/option.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace apbfarm {

class Scheduler;
class Authenticator;
class Notifier;
class Storage;
class HttpModule;

/// How to make one extension. `create` is called at most once, after the configuration was checked.
template <class Extension> struct Provider {
    std::string name;                ///< "leastload"; the configuration asks for it by this name
    std::string summary;             ///< one line for --list-plugins
    std::vector<OptionSpec> options;
    std::function<std::unique_ptr<Extension>(ExtensionContext&)> create;
};

/// Takes what a plugin offers. Names are unique per extension point; a second one throws std::logic_error.
class APB_FARM_VISIBLE ExtensionRegistry {
public:
    virtual ~ExtensionRegistry() = default;

    virtual void add(Provider<Scheduler> provider) = 0;
    virtual void add(Provider<Authenticator> provider) = 0;
    virtual void add(Provider<Notifier> provider) = 0;
    virtual void add(Provider<Storage> provider) = 0;
    virtual void add(Provider<HttpModule> provider) = 0;
};

} // namespace apbfarm
