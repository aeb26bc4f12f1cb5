// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/plugin.h>

#include <string>

namespace apbfarm::plugin {

/// What an extension point is called: `kind` begins its option keys, `noun` is for sentences.
template <class Extension> struct ExtensionPoint;

template <> struct ExtensionPoint<Scheduler> {
    static constexpr auto kind = "scheduler";
    static constexpr auto noun = "scheduler";
};
template <> struct ExtensionPoint<Authenticator> {
    static constexpr auto kind = "auth";
    static constexpr auto noun = "authenticator";
};
template <> struct ExtensionPoint<Notifier> {
    static constexpr auto kind = "notify";
    static constexpr auto noun = "notifier";
};
template <> struct ExtensionPoint<Storage> {
    static constexpr auto kind = "storage";
    static constexpr auto noun = "storage";
};
template <> struct ExtensionPoint<HttpModule> {
    static constexpr auto kind = "http";
    static constexpr auto noun = "HTTP module";
};

/// "scheduler.leastload.": what the option keys of that extension begin with.
template <class Extension> std::string optionPrefix(const std::string& name)
{
    return std::string(ExtensionPoint<Extension>::kind) + "." + name + ".";
}

} // namespace apbfarm::plugin
