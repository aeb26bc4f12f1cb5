// SPDX-License-Identifier: MIT
#include "plugins/bundled_plugins.h"
#include "support/directory_server.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;
using plugin::PluginError;

namespace {

struct LdapFixture : test::BundledPlugins {
    LdapFixture()
    {
        openStorage();
        load({"auth-ldap"});
        for (const auto& [key, value] : directory.searchOptions())
            option(key, value);
    }

    void option(const std::string& key, const std::string& value) { set("auth.ldap." + key, value); }
    /// People are not searched for.
    void useTemplate()
    {
        for (const auto* key : {"searchBase", "bindDn", "bindPasswordFile", "adminGroup"})
            option(key, "");
        option("bindTemplate", "uid={name},ou=people,dc=example,dc=org");
    }
    Authenticator& ldap()
    {
        if (!made)
            made = &host.createAuthenticator("ldap");
        return *made;
    }
    std::optional<Identity> ask(const std::string& name, const std::string& password)
    {
        return ldap().authenticate({name, password, "192.0.2.1"});
    }
    bool isAway()
    {
        try {
            ask("carol", "carol of the directory");
            return false;
        } catch (const Unavailable& error) {
            return error.code() == "directory_unavailable";
        }
    }
    std::string refusal()
    {
        try {
            ldap();
            return "it started";
        } catch (const PluginError& error) {
            return error.what();
        }
    }

    test::DirectoryServer directory;
    Authenticator* made = nullptr;
};

template <class F> std::chrono::milliseconds timeOf(F f)
{
    const auto begin = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

} // namespace

BOOST_AUTO_TEST_SUITE(AuthLdap)

BOOST_FIXTURE_TEST_CASE(finds_a_person_and_proves_the_password_by_binding, LdapFixture)
{
    const auto carol = ask("carol", "carol of the directory");
    BOOST_TEST(carol.value().username == "carol");
    BOOST_TEST(carol->email == "carol@example.org");
    BOOST_TEST(carol->subject.size() == 36u);   // an entryUUID
    BOOST_TEST(!ask("carol", "dave of the directory"));
    BOOST_TEST(!ask("nobody", "carol of the directory"));
    BOOST_TEST(!ask("silent", "anything"));
    BOOST_TEST(!ldap().passwords());
}

BOOST_FIXTURE_TEST_CASE(an_empty_password_is_no_password, LdapFixture)
{
    BOOST_TEST(!ask("carol", ""));
    BOOST_TEST(!ask("carol", std::string("\0", 1)));
    BOOST_TEST(!ask("carol", std::string("carol of the directory\0", 23)));
}

BOOST_FIXTURE_TEST_CASE(a_person_whose_dn_is_known_needs_no_search, LdapFixture)
{
    useTemplate();
    BOOST_TEST(!ask("carol", ""));
    BOOST_TEST(!ask("", "carol of the directory"));
    BOOST_TEST(ask("carol", "carol of the directory").value().email == "carol@example.org");
    BOOST_TEST(!ask("carol", "wrong"));
    BOOST_TEST(!ask("nobody", "wrong"));
}

BOOST_FIXTURE_TEST_CASE(a_name_means_nothing_but_itself_in_a_filter, LdapFixture)
{
    BOOST_TEST(ask("o'neil(x)*", "o'neil of the directory").value().username == "o'neil(x)*");
    BOOST_TEST(ask("a,b+c\"d\\e", "a of the directory").value().username == "a,b+c\"d\\e");
    for (const auto* name : {"*", "c*", "carol)(uid=*", "*)(|(uid=carol", "carol)", "\\63arol", "carol\\00", "{name}"})
        BOOST_TEST(!ask(name, "carol of the directory"), name);
}

BOOST_FIXTURE_TEST_CASE(a_name_means_nothing_but_itself_in_a_dn, LdapFixture)
{
    useTemplate();
    BOOST_TEST(ask("a,b+c\"d\\e", "a of the directory").value().username == "a,b+c\"d\\e");
    for (const auto* name : {"carol,ou=people", "carol+sn=C", "carol#", "\\63arol", "carol\\2cou=people", "<carol>"})
        BOOST_TEST(!ask(name, "carol of the directory"), name);
}

/// Directories skip what is not visible when they compare names; then one person would have many names to guess with.
BOOST_FIXTURE_TEST_CASE(a_name_is_made_of_visible_characters, LdapFixture)
{
    for (const std::string name : {"carol ", " carol", "ca\trol", "carol\xc2\xad", "carol\x01", "carol\n"})
        BOOST_TEST(!ask(name, "carol of the directory"), name);
    BOOST_TEST(ask("CAROL", "carol of the directory").value().username == "carol");
}

BOOST_FIXTURE_TEST_CASE(a_name_of_two_people_is_nobodys, LdapFixture)
{
    BOOST_TEST(!ask("twin", "twin of the directory"));
}

BOOST_FIXTURE_TEST_CASE(members_of_a_group_are_administrators, LdapFixture)
{
    BOOST_CHECK(ask("carol", "carol of the directory")->role == Role::Admin);
    BOOST_CHECK(ask("dave", "dave of the directory")->role == Role::User);
}

BOOST_FIXTURE_TEST_CASE(only_members_of_the_required_group_are_recognised, LdapFixture)
{
    option("requiredGroup", "cn=builders,ou=groups,dc=example,dc=org");
    BOOST_TEST(ask("dave", "dave of the directory").has_value());
    BOOST_TEST(!ask("carol", "carol of the directory"));
}

BOOST_FIXTURE_TEST_CASE(a_required_group_that_is_not_there_has_no_members, LdapFixture)
{
    option("requiredGroup", "cn=nothing,ou=groups,dc=example,dc=org");
    BOOST_TEST(!ask("dave", "dave of the directory"));
}

BOOST_FIXTURE_TEST_CASE(starttls_encrypts_a_plain_connection, LdapFixture)
{
    option("url", directory.url());
    option("startTls", "true");
    BOOST_TEST(ask("carol", "carol of the directory").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_certificate_of_an_unknown_authority_is_refused, LdapFixture)
{
    test::TempDir other;
    option("caFile", test::Certificate(other, "IP:127.0.0.1").certificate);
    BOOST_TEST(isAway());
}

BOOST_FIXTURE_TEST_CASE(a_certificate_of_an_unknown_authority_is_refused_with_starttls, LdapFixture)
{
    test::TempDir other;
    option("url", directory.url());
    option("startTls", "true");
    option("caFile", test::Certificate(other, "IP:127.0.0.1").certificate);
    BOOST_TEST(isAway());
}

BOOST_FIXTURE_TEST_CASE(a_certificate_for_another_name_is_refused, LdapFixture)
{
    option("url", directory.tlsUrl("localhost"));
    BOOST_TEST(isAway());
}

BOOST_FIXTURE_TEST_CASE(passwords_do_not_travel_in_plain_text_unless_told, LdapFixture)
{
    option("url", directory.url());
    BOOST_TEST(test::has(refusal(), "auth.ldap.plaintext"));
}

BOOST_FIXTURE_TEST_CASE(passwords_travel_in_plain_text_when_told, LdapFixture)
{
    option("url", directory.url());
    option("plaintext", "true");
    BOOST_TEST(ask("carol", "carol of the directory").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_went_away_and_came_back_is_asked_again, LdapFixture)
{
    BOOST_TEST(!isAway());
    directory.stop();
    BOOST_CHECK(timeOf([&] { BOOST_TEST(isAway()); }) < 2s);
    directory.start();
    BOOST_TEST(test::eventually([&] { return !isAway(); }));
}

BOOST_FIXTURE_TEST_CASE(a_silent_directory_costs_no_more_than_the_time_limit_and_not_every_time, LdapFixture)
{
    option("timeout", "1");
    BOOST_TEST(!isAway());
    directory.freeze();
    const auto first = timeOf([&] { BOOST_TEST(isAway()); }), second = timeOf([&] { BOOST_TEST(isAway()); });
    directory.thaw();
    BOOST_CHECK(first >= 900ms);
    BOOST_CHECK(first < 4s);
    BOOST_CHECK(second < 500ms);
    BOOST_TEST(test::eventually([&] { return !isAway(); }));
}

BOOST_FIXTURE_TEST_CASE(a_silent_directory_without_tls_costs_no_more_either, LdapFixture)
{
    option("timeout", "1");
    option("url", directory.url());
    option("startTls", "true");
    directory.freeze();
    const auto time = timeOf([&] { BOOST_TEST(isAway()); });
    directory.thaw();
    BOOST_CHECK(time < 4s);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_account_of_the_farm_is_no_wrong_password_of_a_person, LdapFixture)
{
    option("bindDn", "cn=farmer,dc=example,dc=org");
    BOOST_TEST(isAway());
}

BOOST_FIXTURE_TEST_CASE(wrong_options_stop_the_start_and_name_the_key, LdapFixture)
{
    const auto refusalWith = [&](const std::string& key, const std::string& value) {
        test::BundledPlugins other;
        other.openStorage();
        other.load({"auth-ldap"});
        for (const auto& [name, standard] : directory.searchOptions())
            other.set("auth.ldap." + name, standard);
        other.set("auth.ldap." + key, value);
        try {
            other.host.createAuthenticator("ldap");
            return std::string("it started");
        } catch (const PluginError& error) {
            return std::string(error.what());
        }
    };
    BOOST_TEST(test::has(refusalWith("url", ""), "auth.ldap.url"));
    BOOST_TEST(test::has(refusalWith("url", "http://localhost"), "auth.ldap.url"));
    BOOST_TEST(test::has(refusalWith("startTls", "true"), "auth.ldap.startTls"));
    BOOST_TEST(test::has(refusalWith("searchBase", ""), "auth.ldap.searchBase"));
    BOOST_TEST(test::has(refusalWith("searchFilter", "(uid=carol)"), "auth.ldap.searchFilter"));
    BOOST_TEST(test::has(refusalWith("bindTemplate", "uid={name}"), "auth.ldap.bindTemplate"));   // and a search
    BOOST_TEST(test::has(refusalWith("bindDn", ""), "auth.ldap.bindDn"));
    BOOST_TEST(test::has(refusalWith("bindPasswordFile", "/nowhere"), "auth.ldap.bindPasswordFile"));
    BOOST_TEST(test::has(refusalWith("caFile", "/nowhere"), "/nowhere"));
    BOOST_TEST(test::has(refusalWith("timeout", "0"), "auth.ldap.timeout"));
    BOOST_TEST(refusalWith("timeout", "5") == "it started");
    std::filesystem::permissions(directory.passwordFile(), std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    BOOST_TEST(test::has(refusalWith("timeout", "5"), "chmod"));
}

BOOST_AUTO_TEST_SUITE_END()
