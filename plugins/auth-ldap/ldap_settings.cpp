// SPDX-License-Identifier: MIT
#include "ldap_settings.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace directory {

using apbfarm::InvalidInput;
using apbfarm::OptionView;

namespace {

constexpr std::string_view kName = "{name}";

void checkUrl(Settings& settings, bool plaintext)
{
    std::istringstream urls(settings.url);
    int count = 0;
    for (std::string url; urls >> url; ++count) {
        const bool plain = url.starts_with("ldap://");
        if (!plain && !url.starts_with("ldaps://"))
            throw InvalidInput("auth.ldap.url must be made of addresses that begin with ldaps:// or ldap://");
        if (!plain && settings.startTls)
            throw InvalidInput("auth.ldap.startTls is for ldap:// only; " + url + " needs none");
        if (plain && !settings.startTls && !plaintext)
            throw InvalidInput("auth.ldap.url = " + url + " would send passwords readable for everybody on the way. "
                               "Use ldaps://, or set auth.ldap.startTls = true; auth.ldap.plaintext = true allows it "
                               "all the same");
        settings.encrypted = settings.encrypted || settings.startTls || !plain;
    }
    if (count == 0)
        throw InvalidInput("auth.ldap.url must name the directory, ldaps://ldap.example.org for example");
}

void checkSearch(const Settings& settings)
{
    if (settings.bindTemplate.empty() == settings.searchBase.empty())
        throw InvalidInput("Set either auth.ldap.searchBase (people are searched for below it) or "
                           "auth.ldap.bindTemplate (their DN is known)");
    if (!settings.bindTemplate.empty() && settings.bindTemplate.find(kName) == std::string::npos)
        throw InvalidInput("auth.ldap.bindTemplate must contain {name}: uid={name},ou=people,dc=example,dc=org");
    if (!settings.searchFilter.starts_with('(') || settings.searchFilter.find(kName) == std::string::npos)
        throw InvalidInput("auth.ldap.searchFilter must be a filter with {name} in it: (uid={name})");
    if (!settings.groupFilter.starts_with('('))
        throw InvalidInput("auth.ldap.groupFilter must be a filter: (member={dn})");
    if (settings.nameAttribute.empty())
        throw InvalidInput("auth.ldap.nameAttribute must name the attribute that accounts are named after: uid");
}

std::string passwordIn(const std::string& path)
{
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
        throw InvalidInput("auth.ldap.bindPasswordFile = " + path + " is not a file");
    if (about.st_mode & S_IRWXO)
        throw InvalidInput("auth.ldap.bindPasswordFile = " + path + " can be read by everybody on this machine. "
                           "Run chmod o= on it");
    std::ifstream file(path);
    std::string password{std::istreambuf_iterator<char>(file), {}};
    while (password.ends_with('\n') || password.ends_with('\r'))
        password.pop_back();
    if (!file || password.empty())
        throw InvalidInput("auth.ldap.bindPasswordFile = " + path + " cannot be read or is empty");
    return password;
}

} // namespace

Settings readSettings(const OptionView& options)
{
    Settings settings;
    settings.url = options.getString("url");
    settings.startTls = options.getBool("startTls");
    settings.caFile = options.getString("caFile");
    checkUrl(settings, options.getBool("plaintext"));

    settings.bindTemplate = options.getString("bindTemplate");
    settings.searchBase = options.getString("searchBase");
    settings.searchFilter = options.getString("searchFilter");
    settings.nameAttribute = options.getString("nameAttribute");
    settings.mailAttribute = options.getString("mailAttribute");
    settings.subjectAttribute = options.getString("subjectAttribute");
    settings.adminGroup = options.getString("adminGroup");
    settings.requiredGroup = options.getString("requiredGroup");
    settings.groupFilter = options.getString("groupFilter");
    checkSearch(settings);

    settings.bindDn = options.getString("bindDn");
    const auto file = options.getString("bindPasswordFile");
    // A name without a password is an anonymous visitor to a directory, whatever the name.
    if (settings.bindDn.empty() != file.empty())
        throw InvalidInput("auth.ldap.bindDn and auth.ldap.bindPasswordFile go together: set both, or none");
    if (!file.empty())
        settings.bindPassword = passwordIn(file);

    settings.timeout = std::chrono::seconds(options.getInt("timeout"));
    return settings;
}

} // namespace directory
