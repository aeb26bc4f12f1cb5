// SPDX-License-Identifier: MIT
#include "plugin/guarded_authenticator.h"
#include "support/log_lines.h"
#include "support/manual_clock.h"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace apbfarm;

namespace {

struct LambdaAuthenticator final : Authenticator, PasswordKeeper {
    std::function<std::optional<Identity>()> answer;
    std::function<std::string()> hashed;

    std::optional<Identity> authenticate(const Credentials&) override { return answer(); }
    PasswordKeeper* passwords() override { return hashed ? this : nullptr; }
    std::string hash(std::string_view) override { return hashed(); }
};

struct AuthenticatorFixture {
    std::optional<Identity> answerOf(std::function<std::optional<Identity>()> answer)
    {
        auto inner = std::make_unique<LambdaAuthenticator>();
        inner->answer = std::move(answer);
        plugin::GuardedAuthenticator authenticator(std::move(inner), guard);
        return authenticator.authenticate({"alice", "secret", "127.0.0.1"});
    }

    test::LogLines log{"authenticator-test"};
    test::ManualClock clock;
    plugin::PluginGuard guard{"authenticator odd", log.logger(), clock, std::chrono::seconds(1)};
};

} // namespace

BOOST_AUTO_TEST_SUITE(GuardedAuthenticator)

BOOST_FIXTURE_TEST_CASE(passes_an_identity_on, AuthenticatorFixture)
{
    const auto identity = answerOf([] { return Identity{"alice", "a@example.org", Role::Admin}; });
    BOOST_TEST(identity.value().username == "alice");
}

BOOST_FIXTURE_TEST_CASE(an_exception_means_no_and_never_yes_G3, AuthenticatorFixture)
{
    BOOST_TEST(!answerOf([]() -> std::optional<Identity> { throw std::runtime_error("broken"); }));
    BOOST_TEST(!answerOf([]() -> std::optional<Identity> { throw InvalidInput("broken"); }));
    BOOST_TEST(!answerOf([]() -> std::optional<Identity> { throw "text"; }));
    BOOST_TEST(guard.report().failures == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_source_that_is_away_is_told_apart_from_a_wrong_password, AuthenticatorFixture)
{
    BOOST_CHECK_THROW(answerOf([]() -> std::optional<Identity> { throw Unavailable("directory is away"); }), Unavailable);
    BOOST_TEST(guard.report().failures == 0u);
}

BOOST_FIXTURE_TEST_CASE(an_identity_without_name_or_with_the_role_guest_is_nobody, AuthenticatorFixture)
{
    BOOST_TEST(!answerOf([] { return Identity{"", "", Role::Admin}; }));
    BOOST_TEST(!answerOf([] { return Identity{"alice", "", Role::Guest}; }));
    BOOST_TEST(guard.report().failures == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_failing_or_empty_password_hash_is_unavailable, AuthenticatorFixture)
{
    auto inner = std::make_unique<LambdaAuthenticator>();
    inner->hashed = [calls = 0]() mutable -> std::string {
        if (calls++ == 0)
            throw std::runtime_error("no entropy");
        return calls == 2 ? "" : "hash";
    };
    plugin::GuardedAuthenticator authenticator(std::move(inner), guard);
    BOOST_CHECK_THROW(authenticator.passwords()->hash("secret"), Unavailable);
    BOOST_CHECK_THROW(authenticator.passwords()->hash("secret"), Unavailable);
    BOOST_TEST(authenticator.passwords()->hash("secret") == "hash");
}

BOOST_FIXTURE_TEST_CASE(has_no_password_keeper_when_the_plugin_has_none, AuthenticatorFixture)
{
    plugin::GuardedAuthenticator authenticator(std::make_unique<LambdaAuthenticator>(), guard);
    BOOST_TEST(authenticator.passwords() == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
