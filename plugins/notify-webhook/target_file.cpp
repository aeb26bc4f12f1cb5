// SPDX-License-Identifier: MIT
#include "target_file.h"

#include "../shared/connect.h"
#include "address_rules.h"

#include <apbfarm/errors.h>

#include <Poco/AutoPtr.h>
#include <Poco/Environment.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace webhook {

using apbfarm::InvalidInput;
using Values = std::map<std::string, std::string>;

namespace {

constexpr auto kOption = "notify.webhook.";
constexpr auto kCredential = "apb-farm.webhooks";
constexpr std::size_t kMostTargets = 50;
constexpr std::size_t kShortestSecret = 16;
const std::set<std::string> kKeys{"url", "template", "events", "secret", "token", "topic", "plainHttp"};

void checkFile(const std::string& file)
{
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
        throw InvalidInput(std::string(kOption) + "targetsFile names '" + file + "', which is not a file that can be read");
    if (about.st_uid != 0 && about.st_uid != ::geteuid())
        throw InvalidInput("'" + file + "' belongs to another account; it must be the farm's or root's");
    if (about.st_mode & (S_IRWXO | S_IWGRP))
        throw InvalidInput("'" + file + "' holds secrets, but others may read or change it; use: chmod 0600 " + file);
}

std::map<std::string, Values> readGroups(const std::string& file)
{
    Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> lines;
    try {
        lines = new Poco::Util::PropertyFileConfiguration(file);
    } catch (const Poco::Exception&) {
        throw InvalidInput("'" + file + "' cannot be read");
    }
    std::map<std::string, Values> groups;
    Poco::Util::AbstractConfiguration::Keys names, keys;
    lines->keys(names);
    for (const auto& name : names) {
        lines->keys(name, keys);
        if (keys.empty())
            throw InvalidInput("'" + file + "': the key '" + name + "' must be of the form target.key");
        for (const auto& key : keys)
            groups[name][key] = lines->getRawString(name + "." + key, "");
    }
    return groups;
}

/// Reads one target; complaints begin with file and target.
class TargetReader {
public:
    TargetReader(const std::string& file, const std::string& name, const Values& values, const HookOptions& options)
        : where_("'" + file + "', target '" + name + "': "), values_(values), options_(options)
    {
        target_.name = name;
    }

    Target read()
    {
        checkNames();
        readUrl();
        readFormat();
        readEvents();
        target_.secret = value("secret");
        if (!target_.secret.empty() && target_.secret.size() < kShortestSecret)
            refuse("the secret is shorter than " + std::to_string(kShortestSecret) + " characters");
        target_.token = value("token");
        if (std::ranges::any_of(target_.token, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
            refuse("the token must be visible ASCII");
        return target_;
    }

private:
    [[noreturn]] void refuse(const std::string& why) const { throw InvalidInput(where_ + why); }
    std::string value(const std::string& key) const
    {
        const auto found = values_.find(key);
        return found == values_.end() ? "" : Poco::trim(found->second);
    }
    void checkNames() const
    {
        const auto good = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
        if (target_.name.size() > 32 || !std::ranges::all_of(target_.name, good))
            refuse("a name has 1 to 32 small letters, digits and hyphens");
        for (const auto& [key, text] : values_)
            if (!kKeys.contains(key))
                refuse("the key '" + key + "' is not known; known are events, plainHttp, secret, template, token, topic, url");
    }
    void readUrl()
    {
        try {
            target_.url = parseHookUrl(value("url"));
        } catch (const std::invalid_argument& wrong) {
            refuse(std::string("the url is not usable: ") + wrong.what());
        }
        if (!target_.url.secure && value("plainHttp") != "true")
            refuse("the url is not encrypted; use https://, or say plainHttp = true");
        const auto literal = shared::literalAddress(target_.url.host);
        if (literal && !mayContact(*literal, options_.allowPrivate))
            refuse(kindOf(*literal) == AddressKind::Never
                       ? "addresses such as that of the url are never contacted"
                       : std::string("the address of the url is private; say ") + kOption + "allowPrivate = true if that is meant");
    }
    void readFormat()
    {
        const auto word = value("template");
        const auto format = word.empty() ? Template::Generic : templateFromText(word);
        if (!format)
            refuse("the template '" + word + "' is not one of generic, matrix, slack, discord, ntfy");
        target_.format = *format;
        target_.topic = value("topic");
        if ((*format == Template::Ntfy) != !target_.topic.empty())
            refuse("the template ntfy, and no other, needs a topic");
        if (*format == Template::Matrix && target_.url.path.find('?') != std::string::npos)
            refuse("the url of a Matrix room must not contain '?'");
    }
    void readEvents()
    {
        const auto list = values_.contains("events") ? value("events") : "build-finished, server-trouble";
        for (const auto& word : Poco::StringTokenizer(list, ",", Poco::StringTokenizer::TOK_TRIM))
            if (eventWords().contains(word))
                target_.events.insert(word);
            else
                refuse("the event '" + word + "' is not known");
    }

    std::string where_;
    const Values& values_;
    const HookOptions& options_;
    Target target_;
};

} // namespace

HookOptions readHookOptions(const apbfarm::OptionView& options)
{
    HookOptions result;
    result.caFile = options.getString("caFile");
    if (!result.caFile.empty() && !Poco::File(result.caFile).exists())
        throw InvalidInput(std::string(kOption) + "caFile names the file '" + result.caFile + "', which does not exist");
    result.allowPrivate = options.getBool("allowPrivate");
    result.timeout = std::chrono::seconds(options.getInt("timeout"));
    return result;
}

std::string findTargetFile(const apbfarm::OptionView& options)
{
    if (const auto named = options.getString("targetsFile"); !named.empty())
        return named;
    const auto folder = Poco::Environment::get("CREDENTIALS_DIRECTORY", "");
    const auto given = folder + "/" + kCredential;
    return !folder.empty() && Poco::File(given).exists() ? given : "";
}

std::vector<Target> readTargets(const std::string& file, const HookOptions& options)
{
    checkFile(file);
    std::vector<Target> targets;
    for (const auto& [name, values] : readGroups(file))
        targets.push_back(TargetReader(file, name, values, options).read());
    if (targets.size() > kMostTargets)
        throw InvalidInput("'" + file + "' has more than " + std::to_string(kMostTargets) + " targets");
    return targets;
}

} // namespace webhook
