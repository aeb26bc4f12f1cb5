// SPDX-License-Identifier: MIT
#include "plugins/authenticator_fixture.h"
#include "support/directory_server.h"
#include "util/unique_fd.h"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <vector>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct LdapFixture : test::AuthenticatorFixture {
    LdapFixture() : AuthenticatorFixture("ldap")
    {
        for (const auto& [key, value] : directory.searchOptions())
            option(key, value);
    }

    /// People are not searched for.
    void useTemplate()
    {
        for (const auto* key : {"searchBase", "bindDn", "bindPasswordFile", "adminGroup"})
            option(key, "");
        option("bindTemplate", "uid={name},ou=people,dc=example,dc=org");
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

    test::DirectoryServer directory;
};

/// Takes no connection: whoever tries waits for as long as it likes.
class SilentAddress {
public:
    SilentAddress() : sockets_(5)
    {
        for (auto& one : sockets_)
            one.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_in place{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        auto* address = reinterpret_cast<sockaddr*>(&place);
        socklen_t size = sizeof place;
        BOOST_TEST_REQUIRE(::bind(sockets_[0].get(), address, size) == 0);
        BOOST_TEST_REQUIRE(::listen(sockets_[0].get(), 0) == 0);
        BOOST_TEST_REQUIRE(::getsockname(sockets_[0].get(), address, &size) == 0);
        // There is room for one that nobody takes; what comes after it is not answered.
        for (std::size_t i = 1; i < sockets_.size(); ++i)
            ::connect(sockets_[i].get(), address, size);
        port_ = ntohs(place.sin_port);
    }
    std::string url() const { return "ldaps://127.0.0.1:" + std::to_string(port_); }

private:
    std::vector<util::UniqueFd> sockets_;
    std::uint16_t port_ = 0;
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
    BOOST_TEST(!authenticator().passwords());
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

BOOST_FIXTURE_TEST_CASE(an_address_that_is_silent_leaves_time_for_the_next_one, LdapFixture)
{
    const SilentAddress silent;
    option("timeout", "4");
    option("url", silent.url() + " " + directory.tlsUrl());
    BOOST_CHECK(timeOf([&] { BOOST_TEST(ask("carol", "carol of the directory").has_value()); }) < 4s);
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
        test::AuthenticatorFixture other("ldap");
        for (const auto& [name, standard] : directory.searchOptions())
            other.option(name, standard);
        other.option(key, value);
        return other.refusal();
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
