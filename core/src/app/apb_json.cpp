// SPDX-License-Identifier: MIT
#include "app/apb_json.h"

#include "util/json_reader.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/URI.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

namespace apbfarm::app {

namespace {

using Poco::JSON::Object;

constexpr util::JsonLimits kLimits{1 << 20, 8};

enum class Kind { Flag, Whole, Text };

/// A setting of the file and the property it stands for; `unit` is put behind the number.
struct Setting {
    const char* section;
    const char* name;
    Kind kind;
    const char* property;
    const char* unit = "";
};

constexpr std::array kSettings{
    Setting{"", "farm_url", Kind::Text, "http.publicUrl"},
    Setting{"cache", "enabled", Kind::Flag, "cache.enabled"},
    Setting{"cache", "retention_days", Kind::Whole, "cache.retentionDays"},
    Setting{"cache", "directory", Kind::Text, "cache.directory"},
    Setting{"cache", "max_size_mb", Kind::Whole, "cache.maxSize", "MB"},
    Setting{"database", "path", Kind::Text, "database.path"},
    Setting{"database", "backup_interval", Kind::Whole, "database.backupInterval", "s"},
    Setting{"security", "token_expiry_days", Kind::Whole, "auth.tokenDays"},
    Setting{"security", "max_login_attempts", Kind::Whole, "auth.maxLoginAttempts"},
    Setting{"security", "require_email", Kind::Flag, "auth.requireEmail"},
    Setting{"notifications", "smtp_enabled", Kind::Flag, "notifications.enabled"},
    Setting{"notifications", "admin_notifications", Kind::Flag, "notifications.admin"},
};

/// Meant for the clients that read the same file.
constexpr std::array kClientKeys{"default_server", "default_arch", "output_dir"};

const char* toWords(Kind kind)
{
    switch (kind) {
    case Kind::Flag: return "true or false";
    case Kind::Whole: return "a whole number of 0 or more, without quotes";
    case Kind::Text: return "a text in quotes";
    }
    return "";
}

std::string pathOf(const std::string& section, const std::string& name)
{
    return section.empty() ? name : section + "." + name;
}

class Reader {
public:
    Reader(const std::string& text, const std::string& fileName) : fileName_(fileName)
    {
        root_ = parse(text);
        readServers();
        for (const auto& setting : kSettings)
            readSetting(setting);
        warnAboutOthers(*root_, "");
        for (const auto* section : {"cache", "database", "security", "notifications"})
            if (root_->isObject(section))
                warnAboutOthers(*root_->getObject(section), section);
    }

    ApbJson result;

private:
    [[noreturn]] void refuse(const std::string& path, const std::string& sentence) const
    {
        throw ConfigError(fileName_ + ": " + path, sentence);
    }

    Object::Ptr parse(const std::string& text) const
    {
        std::istringstream in(text);
        try {
            // What this parser takes silently (a key twice, for example) the stricter reader refuses afterwards.
            auto root = Poco::JSON::Parser(new Poco::JSON::ParseHandler(true)).parse(in);
            util::parseJsonObject(text, kLimits);
            return root.extract<Object::Ptr>();
        } catch (const Poco::Exception& error) {
            throw ConfigError(fileName_ + ":" + std::to_string(lineReached(in, text)),
                              "this is not valid JSON: " + util::oneLine(error.message(), 200));
        } catch (const Error& error) {
            throw ConfigError(fileName_, error.what());
        }
    }

    /// The parser names no place, but it stops reading where the mistake is.
    static long lineReached(std::istringstream& in, const std::string& text)
    {
        in.clear();
        const auto place = std::min<std::streamoff>(in.tellg(), static_cast<std::streamoff>(text.size()));
        return 1 + std::count(text.begin(), text.begin() + place, '\n');
    }

    void readServers();
    void readGroup(const std::string& group, const Poco::Dynamic::Var& list);
    std::string checkedUrl(const std::string& path, const Poco::Dynamic::Var& value) const;
    void readSetting(const Setting& setting);
    void warnAboutOthers(const Object& object, const std::string& section);

    const std::string& fileName_;
    Object::Ptr root_;
};

void Reader::readServers()
{
    if (!root_->has("servers"))
        refuse("servers", "there are no build servers; add "
                          "\"servers\": {\"x86_64\": [\"http://server.example.com:8000\"]}");
    if (!root_->isObject("servers"))
        refuse("servers", "expected an object of architectures with lists of URLs, "
                          "as in {\"x86_64\": [\"http://server.example.com:8000\"]}");
    const auto groups = root_->getObject("servers");
    for (const auto& group : groups->getNames())
        readGroup(group, groups->get(group));
    if (result.servers.empty())
        refuse("servers", "every list of build servers is empty; add at least one URL");
}

void Reader::readGroup(const std::string& group, const Poco::Dynamic::Var& list)
{
    const auto path = "servers." + group;
    const auto isPlain = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; };
    if (group.empty() || group.size() > 64 || !std::ranges::all_of(group, isPlain))
        refuse("servers", "'" + util::oneLine(group, 80) + "' is not the name of an architecture");
    if (list.type() != typeid(Poco::JSON::Array::Ptr))
        refuse(path, "expected a list of URLs in square brackets");
    const auto urls = list.extract<Poco::JSON::Array::Ptr>();
    if (urls->size() == 0)
        result.warnings.push_back(fileName_ + ": " + path + " lists no servers");
    for (unsigned i = 0; i < urls->size(); ++i) {
        const auto place = path + "[" + std::to_string(i) + "]";
        const auto url = checkedUrl(place, urls->get(i));
        const auto same = std::ranges::find(result.servers, url, &ServerEntry::url);
        if (same != result.servers.end())
            result.warnings.push_back(fileName_ + ": " + place + " was already listed under " + same->group
                                      + "; it is used once, under " + same->group);
        else
            result.servers.push_back({url, group});
    }
}

std::string Reader::checkedUrl(const std::string& path, const Poco::Dynamic::Var& value) const
{
    if (!value.isString())
        refuse(path, "expected a URL in quotes");
    auto text = value.extract<std::string>();
    while (text.ends_with('/'))
        text.pop_back();
    try {
        const Poco::URI url(text);
        if (url.getScheme() != "http" && url.getScheme() != "https")
            refuse(path, "the URL must begin with http:// or https://");
        if (!url.getUserInfo().empty())
            refuse(path, "a user name or password in a URL is not used; remove it");
        if (url.getHost().empty() || text.find_first_of(" ?#\\") != text.npos)
            refuse(path, "expected http://host:port and nothing behind it but a path");
    } catch (const Poco::Exception&) {
        refuse(path, "this is not a URL; expected http://host:port");
    }
    return text;
}

void Reader::readSetting(const Setting& setting)
{
    const std::string section = setting.section;
    const auto path = pathOf(section, setting.name);
    if (!section.empty() && root_->has(section) && !root_->isObject(section))
        refuse(section, "expected an object in curly brackets");
    const auto holder = section.empty() ? root_ : root_->getObject(section);
    if (!holder || !holder->has(setting.name))
        return;
    const auto value = holder->get(setting.name);
    const bool fits = setting.kind == Kind::Flag    ? value.isBoolean()
                      : setting.kind == Kind::Whole ? value.isInteger() && !value.isBoolean() && !value.isString()
                                                    : value.isString();
    if (!fits || (setting.kind == Kind::Whole && value.convert<Poco::Int64>() < 0))
        refuse(path, std::string("expected ") + toWords(setting.kind));
    result.settings[setting.property] = {value.toString() + setting.unit, fileName_ + ": " + path};
}

void Reader::warnAboutOthers(const Object& object, const std::string& section)
{
    for (const auto& name : object.getNames()) {
        const bool known = std::ranges::any_of(kSettings, [&](const Setting& setting) {
            return setting.section == section ? setting.name == name : section.empty() && setting.section == name;
        });
        const bool others = section.empty() && (name == "servers" || std::ranges::count(kClientKeys, name) > 0);
        if (!known && !others)
            result.warnings.push_back(fileName_ + ": '" + util::oneLine(pathOf(section, name), 80)
                                      + "' is not known and has no effect");
    }
}

} // namespace

std::vector<ApbJsonSetting> apbJsonSettings()
{
    std::vector<ApbJsonSetting> settings;
    for (const auto& setting : kSettings)
        settings.push_back({pathOf(setting.section, setting.name), toWords(setting.kind), setting.property});
    return settings;
}

ApbJson parseApbJson(std::string_view text, const std::string& fileName)
{
    return std::move(Reader(std::string(text), fileName).result);
}

ApbJson readApbJson(const std::filesystem::path& file)
{
    return parseApbJson(readConfigFile(file), file.string());
}

std::optional<std::filesystem::path> findApbJson(const std::filesystem::path& current, const std::string& home)
{
    std::vector<std::filesystem::path> places{current / "apb.json", "/etc/apb/apb.json"};
    if (!home.empty()) {
        places.push_back(std::filesystem::path(home) / ".apb/apb.json");
        places.push_back(std::filesystem::path(home) / ".apb-farm/apb.json");
    }
    for (const auto& place : places)
        if (std::error_code ignored; std::filesystem::is_regular_file(place, ignored))
            return place;
    return std::nullopt;
}

} // namespace apbfarm::app
