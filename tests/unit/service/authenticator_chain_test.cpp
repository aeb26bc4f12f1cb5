// SPDX-License-Identifier: MIT
#include "service/authenticator_chain.h"

#include "service/account_owner.h"
#include "service/session_service.h"
#include "support/manual_clock.h"
#include "support/memory_accounts.h"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

constexpr auto kAddress = "192.0.2.1";

/// Knows people by name; remembers who it was asked about.
class Directory final : public Authenticator {
public:
    struct Person {
        std::string password;
        Identity identity;
    };

    std::optional<Identity> authenticate(const Credentials& credentials) override
    {
        asked.emplace_back(credentials.username);
        given.emplace_back(credentials.password);
        if (meanwhile)
            meanwhile();
        const auto known = people.find(asked.back());
        return known != people.end() && known->second.password == credentials.password
                   ? std::optional(known->second.identity) : std::nullopt;
    }

    std::map<std::string, Person> people;
    std::vector<std::string> asked, given;
    std::function<void()> meanwhile;
};

struct Farm {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryTokenStore tokens;
    test::MemoryAuditStore audit;
    test::QuickAuthenticator local{users};
    Directory ldap, pam;
    service::PasswordPool pool{2};
    service::LoginThrottle throttle{clock};
    service::AuthenticatorChain chain{{{"local", local}, {"ldap", ldap}, {"pam", pam}}, users};
    service::SessionService sessions{users, tokens, audit, chain, pool, throttle, clock};

    Farm() { ldap.people["carol"] = {"of the directory", {"carol", "carol@example.org", Role::Admin, "uuid-1"}}; }

    User account(const std::string& name, bool active = true)
    {
        auto user = users.create({.username = name, .createdAt = clock.wall()}, local.hash("of the farm"));
        user.active = active;
        users.update(user);
        return user;
    }
    User login(const std::string& name, const std::string& password)
    {
        return sessions.login(name, password, kAddress, "request-1").user;
    }
    /// "": it was let in.
    std::string refusal(const std::string& name, const std::string& password)
    {
        try {
            login(name, password);
            return "";
        } catch (const Error& error) {
            return error.code();
        }
    }
    std::string lastAudited() { return audit.list({.limit = 1}).at(0).result; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(AuthenticatorChain)

BOOST_FIXTURE_TEST_CASE(the_first_login_of_somebody_from_outside_makes_an_account_U13, Farm)
{
    const auto carol = login("carol", "of the directory");
    BOOST_TEST(carol.username == "carol");
    BOOST_TEST(carol.email == "carol@example.org");
    BOOST_CHECK(carol.role == Role::Admin);
    BOOST_TEST(users.passwordHash(carol.id).value() == service::ownerMark("ldap", "uuid-1"));
    BOOST_TEST(login("carol", "of the directory").id == carol.id);
}

BOOST_FIXTURE_TEST_CASE(who_gets_the_name_of_somebody_else_does_not_get_the_account_U13, Farm)
{
    login("carol", "of the directory");
    ldap.people["carol"] = {"another person's", {"carol", "", Role::User, "uuid-2"}};
    BOOST_TEST(refusal("carol", "another person's") == "invalid_credentials");
    BOOST_TEST(lastAudited() == "the account belongs to somebody else than the person that ldap recognised");
}

BOOST_FIXTURE_TEST_CASE(an_account_of_the_farm_wins_over_the_same_name_elsewhere, Farm)
{
    account("carol");
    BOOST_TEST(refusal("carol", "of the directory") == "invalid_credentials");
    BOOST_TEST(refusal("carol", "of the farm") == "");
    BOOST_TEST(users.list(true).size() == 1u);
    for (const auto& name : ldap.asked)
        BOOST_TEST(name.starts_with("nobody_"));
    for (const auto& password : ldap.given)
        BOOST_TEST(password == "a password");   // what people type never goes to who should not have it
}

BOOST_FIXTURE_TEST_CASE(a_deactivated_account_is_not_bypassed_by_the_same_name_elsewhere, Farm)
{
    auto bob = account("bob");
    bob.active = false;
    users.update(bob);
    ldap.people["bob"] = {"of the directory", {"bob"}};
    pam.people["b.o.b"] = {"of the directory", {"bob"}};   // not even under another name
    BOOST_TEST(refusal("bob", "of the directory") == "invalid_credentials");
    BOOST_TEST(refusal("b.o.b", "of the directory") == "invalid_credentials");
    BOOST_TEST(users.list(true).size() == 1u);

    auto carol = login("carol", "of the directory");
    carol.active = false;
    users.update(carol);
    BOOST_TEST(refusal("carol", "of the directory") == "invalid_credentials");
}

BOOST_FIXTURE_TEST_CASE(an_account_of_one_source_is_not_opened_by_another, Farm)
{
    login("carol", "of the directory");
    pam.people["carol"] = {"of the machine", {"carol"}};
    pam.people["stranger"] = {"of the machine", {"carol"}};
    BOOST_TEST(refusal("carol", "of the machine") == "invalid_credentials");
    BOOST_TEST(refusal("stranger", "of the machine") == "invalid_credentials");
    BOOST_TEST(refusal("carol", "of the directory") == "");
}

BOOST_FIXTURE_TEST_CASE(they_are_asked_in_order_and_the_first_who_knows_answers, Farm)
{
    pam.people["carol"] = {"of the directory", {"carol"}};
    login("carol", "of the directory");
    BOOST_TEST(pam.asked.empty());
    pam.people["dave"] = {"of the machine", {"dave"}};
    login("dave", "of the machine");
    BOOST_TEST(ldap.asked.back() == "dave");
}

BOOST_FIXTURE_TEST_CASE(every_refusal_asks_everybody_once_U4, Farm)
{
    account("alice");
    account("bob", false);
    login("carol", "of the directory");
    ldap.asked.clear();
    for (const std::string name : {"alice", "bob", "carol", "unknown"}) {
        const auto before = ldap.asked.size();
        BOOST_TEST(refusal(name, "wrong") == "invalid_credentials");
        BOOST_TEST(ldap.asked.size() == before + 1, name);
        BOOST_TEST(pam.asked.size() == ldap.asked.size(), name);
        throttle.succeeded(name, kAddress);
    }
}

BOOST_FIXTURE_TEST_CASE(one_that_throws_says_no_and_the_next_is_asked_G3, Farm)
{
    ldap.meanwhile = [] { throw std::runtime_error("a bug"); };
    pam.people["dave"] = {"of the machine", {"dave"}};
    BOOST_TEST(refusal("dave", "of the machine") == "");
    BOOST_TEST(refusal("carol", "of the directory") == "invalid_credentials");
}

BOOST_FIXTURE_TEST_CASE(while_one_is_away_the_others_answer_and_a_refusal_is_the_same_for_all_U4, Farm)
{
    account("alice");
    ldap.meanwhile = [] { throw Unavailable("The directory does not answer"); };
    pam.people["dave"] = {"of the machine", {"dave"}};
    BOOST_TEST(refusal("alice", "of the farm") == "");
    BOOST_TEST(refusal("dave", "of the machine") == "");
    for (const auto* name : {"alice", "carol", "dave", "unknown"})
        BOOST_TEST(refusal(name, "wrong") == "authenticator_unavailable", name);
}

BOOST_FIXTURE_TEST_CASE(guesses_while_one_is_away_are_counted_U5, Farm)
{
    account("alice");
    ldap.meanwhile = [] { throw Unavailable("The directory does not answer"); };
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(refusal("alice", "wrong") == "authenticator_unavailable");
    BOOST_TEST(refusal("alice", "wrong") == "login_throttled");
}

BOOST_FIXTURE_TEST_CASE(a_farm_that_could_ask_nobody_counts_no_guess, Farm)
{
    service::AuthenticatorChain alone{{{"ldap", ldap}}, users};
    service::SessionService only(users, tokens, audit, alone, pool, throttle, clock);
    ldap.meanwhile = [] { throw Unavailable("The directory does not answer"); };
    for (int i = 0; i < 10; ++i)
        BOOST_CHECK_THROW(only.login("carol", "of the directory", kAddress, ""), Unavailable);
    ldap.meanwhile = nullptr;
    BOOST_TEST(only.login("carol", "of the directory", kAddress, "").user.username == "carol");
}

BOOST_FIXTURE_TEST_CASE(names_that_accounts_cannot_have_are_made_to_fit_U12, Farm)
{
    ldap.people["john.doe"] = {"of the directory", {"john.doe", "not an address", Role::User, "uuid-3"}};
    ldap.people["jo"] = {"of the directory", {"jo"}};
    const auto john = login("john.doe", "of the directory");
    BOOST_TEST(john.username == "john_doe");
    BOOST_TEST(john.email == "");
    BOOST_TEST(login("john.doe", "of the directory").id == john.id);
    BOOST_TEST(refusal("jo", "of the directory") == "invalid_credentials");
    BOOST_TEST(lastAudited() == "the name jo is too short or too long for an account");
}

BOOST_FIXTURE_TEST_CASE(an_account_without_owner_belongs_to_whom_recognises_it_first, Farm)
{
    const auto old = users.create({.username = "carol"}, std::string(service::kNoPassword));
    BOOST_TEST(login("carol", "of the directory").id == old.id);
    BOOST_TEST(users.passwordHash(old.id).value() == service::ownerMark("ldap", "uuid-1"));
    BOOST_CHECK(users.find(old.id)->role == Role::User);   // the role is the account's, not the directory's
}

BOOST_FIXTURE_TEST_CASE(accounts_of_a_farm_that_keeps_no_passwords_any_more_pass_to_their_names, Farm)
{
    const auto old = account("carol");
    service::AuthenticatorChain outside{{{"ldap", ldap}, {"pam", pam}}, users};
    service::SessionService moved(users, tokens, audit, outside, pool, throttle, clock);
    BOOST_TEST(moved.login("carol", "of the directory", kAddress, "").user.id == old.id);
    BOOST_TEST(refusal("carol", "of the farm") == "invalid_credentials");   // for good
    BOOST_TEST(refusal("carol", "of the directory") == "");
}

BOOST_FIXTURE_TEST_CASE(a_refusal_from_outside_takes_its_time_U4, Farm)
{
    service::AuthenticatorChain slow{{{"local", local}, {"ldap", ldap}}, users, 50ms};
    account("alice");
    for (const auto* name : {"alice", "carol", "unknown"}) {
        const auto begin = std::chrono::steady_clock::now();
        BOOST_TEST(!slow.authenticate({name, "wrong", kAddress}).has_value());
        BOOST_CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
    }
}

BOOST_FIXTURE_TEST_CASE(only_one_may_keep_passwords_in_the_farm, Farm)
{
    test::QuickAuthenticator second{users};
    BOOST_CHECK_THROW(service::AuthenticatorChain({{"local", local}, {"other", second}}, users), InvalidInput);
    BOOST_TEST(&chain.own() == &local);
    BOOST_TEST(&service::AuthenticatorChain({{"ldap", ldap}, {"local", local}}, users).own() == &local);
    BOOST_TEST(&service::AuthenticatorChain({{"ldap", ldap}, {"pam", pam}}, users).own() == &ldap);
}

BOOST_AUTO_TEST_SUITE_END()
