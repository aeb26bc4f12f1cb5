// SPDX-License-Identifier: MIT
#include "ldap_connection.h"

#include "ldap_text.h"

#include <algorithm>

namespace directory {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int kMostEntries = 2;   // one would do, a second one says that the name is not of one person

timeval toTimeval(std::chrono::microseconds time)
{
    return {static_cast<time_t>(time / 1s), static_cast<suseconds_t>((time % 1s).count())};
}

struct FreeMessage {
    void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};

struct FreeMemory {
    void operator()(char* text) const { ldap_memfree(text); }
    void operator()(BerElement* element) const { ber_free(element, 0); }
    void operator()(berval** values) const { ldap_value_free_len(values); }
};

/// What a directory answers to a name and a password that it does not like.
bool isRefusal(int code)
{
    switch (code) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:        // an entry without a password
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_CONSTRAINT_VIOLATION:      // locked, on some
    case LDAP_UNWILLING_TO_PERFORM:
        return true;
    default:
        return false;
    }
}

} // namespace

std::string Entry::first(std::string_view attribute) const
{
    const auto found = values.find(lowerCase(attribute));
    return found == values.end() || found->second.empty() ? std::string() : found->second.front();
}

Connection::Connection(const Settings& settings)
    : deadline_(steady_clock::now() + settings.timeout), handle_(connect(settings, deadline_))
{
}

void Connection::limitNextCall()
{
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - steady_clock::now());
    if (left <= 0us)
        fail("asking the directory", LDAP_TIMEOUT);
    const auto limit = toTimeval(left);
    ldap_set_option(handle_.get(), LDAP_OPT_TIMEOUT, &limit);
}

void Connection::fail(const std::string& doing, int code)
{
    char* text = nullptr;
    ldap_get_option(handle_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    const std::unique_ptr<char, FreeMemory> owned(text);
    throw DirectoryError(doing + ": " + ldap_err2string(code) + (text && *text ? std::string(" (") + text + ")" : ""));
}

void Connection::startTls()
{
    limitNextCall();
    if (const int code = ldap_start_tls_s(handle_.get(), nullptr, nullptr); code != LDAP_SUCCESS)
        fail("StartTLS", code);
}

int Connection::bindResult(const std::string& dn, std::string_view password)
{
    limitNextCall();
    berval secret{password.size(), const_cast<char*>(password.data())};
    return ldap_sasl_bind_s(handle_.get(), dn.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, nullptr);
}

bool Connection::bind(const std::string& dn, std::string_view password)
{
    if (dn.empty() || password.empty())
        throw std::logic_error("A directory says yes to an empty name or password");
    const int code = bindResult(dn, password);
    if (code != LDAP_SUCCESS && !isRefusal(code))
        fail("logging in", code);
    return code == LDAP_SUCCESS;
}

void Connection::bindAnonymously()
{
    if (const int code = bindResult("", ""); code != LDAP_SUCCESS)
        fail("connecting without a name", code);
}

std::vector<Entry> Connection::search(const std::string& base, Scope scope, const std::string& filter,
                                      const std::vector<std::string>& attributes)
{
    std::vector<char*> wanted;
    for (const auto& attribute : attributes)
        wanted.push_back(const_cast<char*>(attribute.c_str()));
    wanted.push_back(nullptr);
    limitNextCall();
    LDAPMessage* answer = nullptr;
    const int code = ldap_search_ext_s(handle_.get(), base.c_str(),
                                       scope == Scope::Entry ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE, filter.c_str(),
                                       wanted.data(), 0, nullptr, nullptr, nullptr, kMostEntries, &answer);
    const std::unique_ptr<LDAPMessage, FreeMessage> owned(answer);
    if (code == LDAP_NO_SUCH_OBJECT && scope == Scope::Entry)
        return {};
    if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED)
        fail("searching below " + base, code);
    return entriesOf(answer);
}

std::vector<Entry> Connection::entriesOf(LDAPMessage* message)
{
    std::vector<Entry> entries;
    for (auto* one = ldap_first_entry(handle_.get(), message); one; one = ldap_next_entry(handle_.get(), one)) {
        const std::unique_ptr<char, FreeMemory> dn(ldap_get_dn(handle_.get(), one));
        Entry entry{dn ? dn.get() : "", {}};
        BerElement* at = nullptr;
        std::unique_ptr<char, FreeMemory> name(ldap_first_attribute(handle_.get(), one, &at));
        const std::unique_ptr<BerElement, FreeMemory> position(at);
        for (; name; name.reset(ldap_next_attribute(handle_.get(), one, at))) {
            const std::unique_ptr<berval*, FreeMemory> values(ldap_get_values_len(handle_.get(), one, name.get()));
            auto& list = entry.values[lowerCase(name.get())];
            for (auto** value = values.get(); value && *value; ++value)
                list.emplace_back((*value)->bv_val, (*value)->bv_len);
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace directory
