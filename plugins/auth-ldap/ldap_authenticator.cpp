// SPDX-License-Identifier: MIT
#include "ldap_authenticator.h"

#include "ldap_text.h"

#include <algorithm>
#include <utility>

namespace directory {

using namespace apbfarm;
using std::chrono::steady_clock;

namespace {

Unavailable notNow()
{
    return Unavailable("The directory of users does not answer", "directory_unavailable");
}

/// One person may have several names; the one that was typed, else the first.
std::string nameOf(const Entry& person, const std::string& attribute, const std::string& typed)
{
    const auto found = person.values.find(lowerCase(attribute));
    if (found == person.values.end() || found->second.empty())
        return {};
    const auto same = std::ranges::find(found->second, lowerCase(typed), lowerCase);
    return same != found->second.end() ? *same : found->second.front();
}

} // namespace

LdapAuthenticator::LdapAuthenticator(Settings settings, Poco::Logger& logger)
    : settings_(std::move(settings)), logger_(logger)
{
    checkSettings(settings_);   // the library sets itself up at its first use, which must not be by two threads
}

std::optional<Identity> LdapAuthenticator::authenticate(const Credentials& credentials)
{
    const std::string name(credentials.username);
    // Some directories compare a password only up to a zero byte.
    if (!isName(name) || credentials.password.empty() || credentials.password.find('\0') != std::string_view::npos)
        return std::nullopt;
    waitIsOver();
    const auto begin = steady_clock::now();
    try {
        auto identity = ask(name, credentials.password);
        answered();
        return identity;
    } catch (const DirectoryError& error) {
        failed(error.what(), begin);
        throw notNow();
    }
}

std::optional<Identity> LdapAuthenticator::ask(const std::string& name, std::string_view password)
{
    Connection connection(settings_);
    if (settings_.startTls)
        connection.startTls();
    const auto person = settings_.bindTemplate.empty() ? searched(connection, name, password)
                                                       : direct(connection, name, password);
    return person ? identityOf(connection, *person, name) : std::nullopt;
}

std::optional<Entry> LdapAuthenticator::search(Connection& connection, const std::string& name)
{
    bindAsFarm(connection);
    auto found = connection.search(settings_.searchBase, Connection::Scope::Subtree,
                                   filled(settings_.searchFilter, "{name}", escapedForFilter(name)),
                                   {settings_.nameAttribute, settings_.mailAttribute, settings_.subjectAttribute});
    if (found.size() > 1)
        logger_.warning("The directory knows several people under one name, so none of them can log in: "
                        + found.front().dn + ", " + found.back().dn);
    return found.size() == 1 && !found.front().dn.empty() ? std::optional(std::move(found.front())) : std::nullopt;
}

std::optional<Entry> LdapAuthenticator::searched(Connection& connection, const std::string& name,
                                                 std::string_view password)
{
    auto person = search(connection, name);
    // An unknown name costs a question more, too (U4).
    const auto dn = person ? person->dn : "cn=nobody-" + escapedForDn(name) + "," + settings_.searchBase;
    const bool right = connection.bind(dn, password);
    if (!person || !right)
        return std::nullopt;
    if (!settings_.adminGroup.empty() || !settings_.requiredGroup.empty())
        bindAsFarm(connection);   // who may look into groups is not for each person to decide
    return person;
}

std::optional<Entry> LdapAuthenticator::direct(Connection& connection, const std::string& name,
                                               std::string_view password)
{
    const auto dn = filled(settings_.bindTemplate, "{name}", escapedForDn(name));
    if (!connection.bind(dn, password))
        return std::nullopt;
    if (!settings_.bindDn.empty())
        bindAsFarm(connection);
    auto found = connection.search(dn, Connection::Scope::Entry, "(objectClass=*)",
                                   {settings_.nameAttribute, settings_.mailAttribute, settings_.subjectAttribute});
    if (found.empty())
        found.push_back({dn, {}});
    if (found.front().first(settings_.nameAttribute).empty())
        found.front().values[lowerCase(settings_.nameAttribute)] = {name};   // people may not read themselves
    return std::move(found.front());
}

void LdapAuthenticator::bindAsFarm(Connection& connection)
{
    if (settings_.bindDn.empty())
        connection.bindAnonymously();
    else if (!connection.bind(settings_.bindDn, settings_.bindPassword))
        throw DirectoryError("it does not accept auth.ldap.bindDn with the password in auth.ldap.bindPasswordFile");
}

bool LdapAuthenticator::isMember(Connection& connection, const std::string& group, const Entry& person,
                                 const std::string& name)
{
    const auto filter = filled(filled(settings_.groupFilter, "{dn}", escapedForFilter(person.dn)), "{name}",
                               escapedForFilter(name));
    return !group.empty() && !connection.search(group, Connection::Scope::Entry, filter, {"1.1"}).empty();
}

std::optional<Identity> LdapAuthenticator::identityOf(Connection& connection, const Entry& person,
                                                      const std::string& typed)
{
    Identity identity;
    identity.username = nameOf(person, settings_.nameAttribute, typed);
    if (identity.username.empty() || !isName(identity.username)) {
        logger_.warning("The attribute " + settings_.nameAttribute + " of " + person.dn
                        + " is no name, so this person cannot log in");
        return std::nullopt;
    }
    if (!settings_.requiredGroup.empty() && !isMember(connection, settings_.requiredGroup, person, identity.username))
        return std::nullopt;
    identity.email = person.first(settings_.mailAttribute);
    if (isMember(connection, settings_.adminGroup, person, identity.username))
        identity.role = Role::Admin;
    identity.subject = person.first(settings_.subjectAttribute);
    if (identity.subject.empty())
        identity.subject = lowerCase(person.dn);
    return identity;
}

void LdapAuthenticator::waitIsOver()
{
    std::lock_guard lock(mutex_);
    if (steady_clock::now() < notBefore_)
        throw notNow();
}

void LdapAuthenticator::answered()
{
    const auto before = exchangeTrouble("", {});
    if (!before.empty())
        logger_.information("The directory answers again");
}

void LdapAuthenticator::failed(const std::string& why, Instant begin)
{
    const auto now = steady_clock::now();
    if (exchangeTrouble(why, now + (now - begin)) != why)
        logger_.warning("The directory cannot be asked, and its users cannot log in: " + why);
}

std::string LdapAuthenticator::exchangeTrouble(const std::string& trouble, Instant notBefore)
{
    std::lock_guard lock(mutex_);
    notBefore_ = notBefore;
    return std::exchange(trouble_, trouble);
}

} // namespace directory
