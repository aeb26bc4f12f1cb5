// SPDX-License-Identifier: MIT
#include "plugins/authenticator_fixture.h"
#include "support/pam_service.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

struct PamFixture : test::AuthenticatorFixture {
    PamFixture() : AuthenticatorFixture("pam")
    {
        option("service", "farm");
        option("directory", service.directory());
    }

    test::PamService service;
};

} // namespace

BOOST_AUTO_TEST_SUITE(AuthPam)

BOOST_FIXTURE_TEST_CASE(recognises_whom_the_service_recognises, PamFixture)
{
    const auto carol = ask("carol", "carol of the machine");
    BOOST_TEST(carol.value().username == "carol");
    BOOST_TEST(carol->email == "");
    BOOST_CHECK(carol->role == Role::User);
    BOOST_TEST(!ask("carol", "dave of the machine"));
    BOOST_TEST(!ask("nobody", "carol of the machine"));
    BOOST_TEST(!authenticator().passwords());
}

BOOST_FIXTURE_TEST_CASE(an_account_that_may_not_log_in_is_refused_whatever_the_password, PamFixture)
{
    BOOST_TEST(!ask("expired", "expired of the machine"));
}

BOOST_FIXTURE_TEST_CASE(an_empty_password_is_refused_before_pam_is_asked, PamFixture)
{
    for (const auto& password : {std::string(), std::string(1, '\0'), std::string("carol of the machine\0", 21),
                                       std::string(1000, 'x')})
        BOOST_TEST(!ask("carol", password));
}

/// Such a service says yes to everybody; it never asked for the password.
BOOST_FIXTURE_TEST_CASE(a_service_that_asks_for_no_password_lets_nobody_in, PamFixture)
{
    option("service", "careless");
    option("allowEmpty", "true");
    BOOST_TEST(!ask("carol", "anything"));
    BOOST_TEST(!ask("carol", ""));
}

BOOST_FIXTURE_TEST_CASE(a_module_that_fails_is_no_wrong_password_G3, PamFixture)
{
    BOOST_CHECK_THROW(ask("broken", "broken of the machine"), Unavailable);
    BOOST_TEST(ask("dave", "dave of the machine").has_value());
}

BOOST_FIXTURE_TEST_CASE(a_name_is_made_of_visible_characters_and_is_no_path, PamFixture)
{
    for (const auto* name : {"", "../carol", "-carol", "carol ", "ca\nrol", "carol\xc2\xad"})
        BOOST_TEST(!ask(name, "carol of the machine"), name);
}

BOOST_FIXTURE_TEST_CASE(members_of_a_group_of_the_machine_are_administrators, PamFixture)
{
    option("adminGroup", "root");
    option("mailDomain", "example.org");
    const auto carol = ask("carol", "carol of the machine");
    BOOST_CHECK(carol.value().role == Role::User);
    BOOST_TEST(carol->email == "carol@example.org");
    BOOST_CHECK(ask("root", "root of the machine")->role == Role::Admin);
}

BOOST_FIXTURE_TEST_CASE(a_service_that_is_not_there_stops_the_start, PamFixture)
{
    option("service", "absent");
    const auto why = refusal();
    BOOST_TEST(test::has(why, "auth.pam.service = absent"), why);
}

BOOST_AUTO_TEST_SUITE_END()
