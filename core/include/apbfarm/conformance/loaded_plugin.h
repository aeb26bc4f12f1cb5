// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/plugin.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <map>
#include <stdexcept>
#include <variant>

namespace apbfarm::conformance {

/// A plugin library, opened as the farm opens it, and what its extensions need of a farm: options, a logger, a folder
/// of their own that vanishes with this object, and a storage when one is given.
///
/// Used by one thread. Outlives the extensions that it makes. Throws std::runtime_error with a sentence.
class LoadedPlugin final : private ExtensionRegistry {
public:
    using Options = std::map<std::string, std::string>;

    explicit LoadedPlugin(const std::string& library)
    {
        // Never closed, as in the farm.
        void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!handle)
            throw std::runtime_error(::dlerror());
        const auto* manifest = static_cast<const PluginManifest*>(::dlsym(handle, "apb_farm_plugin"));
        if (!manifest || manifest->abi != kPluginAbi || std::string(manifest->toolchain) != APB_FARM_TOOLCHAIN)
            throw std::runtime_error(library + " is no plugin for this ABI and toolchain");
        if (std::filesystem::path(library).stem() != manifest->name)
            throw std::runtime_error(library + " says that it is " + manifest->name);
        name_ = manifest->name;
        auto folder = (std::filesystem::temp_directory_path() / "apb-farm-plugin-XXXXXX").string();
        if (!::mkdtemp(folder.data()))
            throw std::runtime_error("no temporary folder");
        folder_ = folder + "/";
        manifest->registerExtensions(*this);
    }
    ~LoadedPlugin() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    LoadedPlugin(const LoadedPlugin&) = delete;
    LoadedPlugin& operator=(const LoadedPlugin&) = delete;

    /// What extensions made from now on get as the farm's storage; it outlives them.
    void use(Storage& storage) { storage_ = &storage; }
    /// The folder that extensions get, with a trailing slash.
    const std::string& stateDirectory() const { return folder_; }

    /// The extension of that name with these options; declared defaults are filled in.
    template <class Extension> std::unique_ptr<Extension> make(const std::string& name, const Options& options = {})
    {
        for (const auto& any : providers_) {
            const auto* provider = std::get_if<Provider<Extension>>(&any);
            if (!provider || provider->name != name)
                continue;
            contexts_.emplace_back(*this, name_, provider->options, options);
            auto made = provider->create(contexts_.back());
            if (!made)
                throw std::runtime_error("the plugin gave nothing for " + name);
            return made;
        }
        throw std::runtime_error(name_ + " offers no " + name + " of that kind");
    }

private:
    class Context final : public ExtensionContext, private OptionView, private SecretBox {
    public:
        Context(LoadedPlugin& owner, const std::string& plugin, const std::vector<OptionSpec>& declared,
                const Options& given)
            : owner_(owner), logger_(Poco::Logger::get(plugin))
        {
            for (const auto& option : declared)
                values_[option.name] = option.defaultValue;
            for (const auto& [key, value] : given) {
                const auto option = std::ranges::find(declared, key, &OptionSpec::name);
                if (option == declared.end())
                    throw InvalidInput("the option " + key + " is not declared");
                if (const auto expected = wrongWith(*option, value))
                    throw InvalidInput(key + " = '" + value + "': expected " + *expected);
                values_[key] = value;
            }
        }

        const OptionView& config() const override { return *this; }
        Poco::Logger& logger() override { return logger_; }
        Storage& storage() override
        {
            if (!owner_.storage_)
                throw std::logic_error("the test gave no storage");
            return *owner_.storage_;
        }
        SecretBox& secrets() override { return *this; }
        std::string stateDirectory() const override { return owner_.folder_; }

    private:
        std::string getString(const std::string& key) const override
        {
            const auto place = values_.find(key);
            if (place == values_.end())
                throw std::logic_error("the option " + key + " is not declared");
            return place->second;
        }
        template <class Value> static Value given(const std::string& key, const std::optional<Value>& value)
        {
            return value ? *value : throw InvalidInput(key + " is neither a number nor true or false");
        }
        std::int64_t getInt(const std::string& key) const override
        {
            return given(key, numberOf<std::int64_t>(getString(key)));
        }
        double getDouble(const std::string& key) const override { return given(key, numberOf<double>(getString(key))); }
        bool getBool(const std::string& key) const override { return given(key, flagOf(getString(key))); }

        // Not secret, but bound to its place like the farm's.
        std::string seal(std::string_view secret, std::string_view place) override
        {
            return std::string(place) + "|" + std::string(secret);
        }
        std::string open(std::string_view sealed, std::string_view place) override
        {
            if (!sealed.starts_with(std::string(place) + "|"))
                throw InvalidInput("It was sealed elsewhere");
            return std::string(sealed.substr(place.size() + 1));
        }

        LoadedPlugin& owner_;
        Poco::Logger& logger_;
        Options values_;
    };

    void add(Provider<Scheduler> provider) override { providers_.emplace_back(std::move(provider)); }
    void add(Provider<Authenticator> provider) override { providers_.emplace_back(std::move(provider)); }
    void add(Provider<Notifier> provider) override { providers_.emplace_back(std::move(provider)); }
    void add(Provider<Storage> provider) override { providers_.emplace_back(std::move(provider)); }
    void add(Provider<HttpModule> provider) override { providers_.emplace_back(std::move(provider)); }

    using AnyProvider = std::variant<Provider<Scheduler>, Provider<Authenticator>, Provider<Notifier>, Provider<Storage>,
                                     Provider<HttpModule>>;
    std::string name_, folder_;
    std::vector<AnyProvider> providers_;
    std::list<Context> contexts_;
    Storage* storage_ = nullptr;
};

} // namespace apbfarm::conformance
