// SPDX-License-Identifier: MIT
#include "service/session_service.h"

#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "util/secrets.h"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace apbfarm;
using namespace std::chrono_literals;
using service::Arrival;
using service::SessionOptions;

namespace {

constexpr auto kAddress = "192.0.2.1";
constexpr auto kPassword = "correct horse";

/// Lets a test do something while a password is being checked.
class Interruptible final : public Authenticator {
public:
    explicit Interruptible(Authenticator& inner) : inner_(inner) {}
    std::optional<Identity> authenticate(const Credentials& credentials) override
    {
        auto identity = inner_.authenticate(credentials);
        if (meanwhile)
            meanwhile();
        return identity;
    }

    PasswordKeeper* passwords() override { return inner_.passwords(); }

    std::function<void()> meanwhile;

private:
    Authenticator& inner_;
};

struct Sessions {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryTokenStore tokens;
    test::MemoryAuditStore audit;
    test::QuickAuthenticator quick{users};
    Interruptible authenticator{quick};
    service::PasswordPool pool{2};
    service::LoginThrottle throttle{clock};
    User alice = account("alice", Role::User, kPassword);
    User admin = account("admin", Role::Admin, "admin123");
    service::AuthenticatorChain chain{{{"quick", authenticator}}, users};
    service::SessionService sessions{users, tokens, audit, chain, pool, throttle, clock};

    User account(const std::string& name, Role role, const std::string& password)
    {
        User user;
        user.username = name;
        user.role = role;
        user.createdAt = clock.wall();
        return users.create(user, quick.hash(password));
    }
    std::string login(const std::string& name = "alice", const std::string& password = kPassword,
                      const std::string& address = kAddress)
    {
        return sessions.login(name, password, address, "request-1").token;
    }
    std::unique_ptr<service::SessionService> restarted(SessionOptions options = {})
    {
        return std::make_unique<service::SessionService>(users, tokens, audit, chain, pool, throttle, clock,
                                                         options);
    }
    template <class E> std::string codeOf(const std::function<void()>& call)
    {
        try {
            call();
        } catch (const E& error) {
            return error.code();
        }
        return "nothing was thrown";
    }
    int audited(const std::string& action)
    {
        int count = 0;
        for (const auto& event : audit.list({.limit = 1000}))
            count += event.action == action;
        return count;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(SessionService)

BOOST_FIXTURE_TEST_CASE(a_login_gives_a_token_that_identifies_its_user, Sessions)
{
    const auto session = sessions.login("alice", kPassword, kAddress, "request-1");
    BOOST_TEST(session.token.size() == 43u);
    BOOST_TEST(session.expiresInDays == 10);
    BOOST_CHECK(session.user.lastLogin == clock.wall());
    const auto caller = sessions.identify(session.token);
    BOOST_REQUIRE(caller);
    BOOST_TEST(caller->id == alice.id);
    BOOST_TEST(caller->username == "alice");
    BOOST_CHECK(caller->role == Role::User);
    BOOST_TEST(sessions.me(*caller).username == "alice");
}

BOOST_FIXTURE_TEST_CASE(only_the_hash_of_a_token_is_stored_u6, Sessions)
{
    const auto token = login();
    const auto stored = tokens.listActive(clock.wall());
    BOOST_REQUIRE(stored.size() == 1u);
    BOOST_TEST(stored[0].hash == util::sha256Hex(token));
    BOOST_TEST(!sessions.identify(stored[0].hash));
    BOOST_TEST(login() != token);
}

BOOST_FIXTURE_TEST_CASE(wrong_unknown_and_deactivated_are_one_answer_u4, Sessions)
{
    auto gone = account("gone_user", Role::User, kPassword);
    gone.active = false;
    users.update(gone);
    for (const auto& [name, password] :
         {std::pair("alice", "wrong password"), {"nobody", kPassword}, {"gone_user", kPassword}})
        BOOST_CHECK_EXCEPTION(login(name, password), Unauthenticated, [](const Unauthenticated& error) {
            return std::string(error.what()) == "Invalid username or password" && error.code() == "invalid_credentials";
        });
    BOOST_TEST(audited("login_failed") == 3);
}

BOOST_FIXTURE_TEST_CASE(lengths_are_counted_in_characters_and_named_by_field_u1, Sessions)
{
    const auto fieldsOf = [&](const std::string& name, const std::string& password) {
        std::string fields;
        try {
            login(name, password);
        } catch (const InvalidInput& error) {
            for (const auto& field : error.fields())
                fields += field.field + " ";
        } catch (const Unauthenticated&) {
            fields = "accepted";
        }
        return fields;
    };
    BOOST_TEST(fieldsOf("", "") == "username password ");
    BOOST_TEST(fieldsOf("ab", "short") == "accepted");
    BOOST_TEST(fieldsOf("alice", std::string(101, 'x')) == "password ");
    BOOST_TEST(fieldsOf(std::string(51, 'x'), kPassword) == "username ");
    std::string wide;
    for (int i = 0; i < 100; ++i)
        wide += "ä";
    BOOST_TEST(fieldsOf("alice", wide) == "accepted");
    BOOST_TEST(fieldsOf("alice", wide + "ä") == "password ");
}

BOOST_FIXTURE_TEST_CASE(guessing_is_slowed_down_and_a_valid_token_goes_on_u5, Sessions)
{
    const auto token = login();
    for (int i = 0; i < 5; ++i)
        BOOST_CHECK_THROW(login("alice", "wrong password"), Unauthenticated);
    BOOST_CHECK_THROW(login(), TooMany);
    BOOST_TEST(sessions.identify(token).has_value());
    BOOST_TEST(login("alice", kPassword, "198.51.100.1").size() == 43u);
}

BOOST_FIXTURE_TEST_CASE(the_slow_down_survives_a_restart_u5, Sessions)
{
    for (int i = 0; i < 8; ++i) {
        BOOST_CHECK_THROW(login("alice", "wrong password"), Unauthenticated);
        clock.advance(20s);
    }
    service::LoginThrottle fresh(clock);
    service::SessionService again(users, tokens, audit, chain, pool, fresh, clock);
    clock.advance(-18s);
    BOOST_CHECK_THROW(again.login("alice", kPassword, kAddress, ""), TooMany);
}

BOOST_FIXTURE_TEST_CASE(the_default_password_works_from_loopback_only_u10, Sessions)
{
    for (const auto* address : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"})
        BOOST_TEST(login("admin", "admin123", address).size() == 43u);
    for (const auto* address : {"192.0.2.9", "2001:db8::1", "10.0.0.1"})
        BOOST_TEST(codeOf<Forbidden>([&] { login("admin", "admin123", address); }) == "default_password_remote");
    BOOST_TEST(codeOf<Forbidden>([&] { login("Admin", "admin123", "10.0.0.2"); }) == "default_password_remote");
}

BOOST_FIXTURE_TEST_CASE(loopback_counts_for_nothing_behind_a_proxy_u10, Sessions)
{
    BOOST_TEST(codeOf<Forbidden>([&] { sessions.login("admin", "admin123", "127.0.0.1", "", Arrival::Forwarded); })
               == "default_password_remote");
}

BOOST_FIXTURE_TEST_CASE(a_changed_admin_password_works_from_everywhere_and_the_default_is_just_wrong_u10, Sessions)
{
    users.setPassword(admin.id, quick.hash("something better"));
    BOOST_TEST(login("admin", "something better").size() == 43u);
    BOOST_CHECK_THROW(login("admin", "admin123"), Unauthenticated);
    BOOST_CHECK_THROW(login("admin", "admin123", "127.0.0.1"), Unauthenticated);
}

BOOST_FIXTURE_TEST_CASE(a_session_ends_after_ten_idle_days_and_use_renews_it_u6, Sessions)
{
    const auto token = login();
    for (int i = 0; i < 3; ++i) {
        clock.advance(9 * 24h);
        BOOST_TEST(sessions.identify(token).has_value());
    }
    clock.advance(10 * 24h + 1s);
    BOOST_TEST(!sessions.identify(token));
}

BOOST_FIXTURE_TEST_CASE(a_session_ends_after_ninety_days_however_it_is_used_u6, Sessions)
{
    const auto token = login();
    for (int day = 0; day < 89; ++day) {
        clock.advance(24h);
        BOOST_REQUIRE(sessions.identify(token));
    }
    clock.advance(24h + 1s);
    BOOST_TEST(!sessions.identify(token));
}

BOOST_FIXTURE_TEST_CASE(the_absolute_limit_can_be_switched_off_u6, Sessions)
{
    const auto token = login();
    const auto endless = restarted({.absoluteDays = 0});
    for (int week = 0; week < 100; ++week) {
        BOOST_REQUIRE(endless->identify(token));
        clock.advance(7 * 24h);
    }
}

BOOST_FIXTURE_TEST_CASE(renewal_is_written_at_most_once_an_hour_and_survives_a_restart_u6, Sessions)
{
    const auto token = login();
    for (int minute = 0; minute < 180; ++minute) {
        clock.advance(1min);
        BOOST_REQUIRE(sessions.identify(token));
        sessions.removeExpired();
    }
    BOOST_TEST(tokens.renewals() == 3);
    clock.advance(10 * 24h - 61min);
    BOOST_TEST(restarted()->identify(token).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_crash_shortens_a_life_by_an_hour_and_never_lengthens_it_u6, Sessions)
{
    const auto token = login();
    clock.advance(59min);
    BOOST_TEST(sessions.identify(token).has_value());
    sessions.removeExpired();
    clock.advance(10 * 24h - 58min);
    BOOST_TEST(!restarted()->identify(token));
    BOOST_TEST(sessions.identify(token).has_value());
}

BOOST_FIXTURE_TEST_CASE(housekeeping_removes_what_has_expired, Sessions)
{
    login();
    clock.advance(11 * 24h);
    const auto token = login();
    sessions.removeExpired();
    BOOST_TEST(sessions.activeSessions() == 1u);
    BOOST_TEST(tokens.rows() == 1u);
    BOOST_TEST(sessions.identify(token).has_value());
}

BOOST_FIXTURE_TEST_CASE(logout_ends_that_session_alone_at_once_and_for_good_u7, Sessions)
{
    const auto first = login(), second = login();
    sessions.logout(*sessions.identify(first), kAddress, "request-2");
    BOOST_TEST(!sessions.identify(first));
    BOOST_TEST(sessions.identify(second).has_value());
    BOOST_TEST(!restarted()->identify(first));
    BOOST_TEST(audited("logout") == 1);
}

BOOST_FIXTURE_TEST_CASE(revoking_ends_all_sessions_but_the_spared_one_u7, Sessions)
{
    const auto first = login(), second = login(), third = login();
    const auto other = login("admin", "admin123", "127.0.0.1");
    BOOST_TEST(sessions.revokeAllOf(alice.id, sessions.identify(second)->token) == 2);
    BOOST_TEST(!sessions.identify(first));
    BOOST_TEST(!sessions.identify(third));
    BOOST_TEST(sessions.identify(second).has_value());
    BOOST_TEST(sessions.revokeAllOf(alice.id) == 1);
    const auto after = restarted();
    for (const auto& token : {first, second, third})
        BOOST_TEST(!after->identify(token));
    BOOST_TEST(after->identify(other).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_new_role_counts_at_once_u7, Sessions)
{
    const auto token = login();
    alice.role = Role::Admin;
    users.update(alice);
    sessions.userChanged(alice);
    BOOST_CHECK(sessions.identify(token)->role == Role::Admin);
}

BOOST_FIXTURE_TEST_CASE(a_deactivated_account_has_no_session_at_once_u7, Sessions)
{
    const auto token = login();
    const auto caller = *sessions.identify(token);
    alice.active = false;
    users.update(alice);
    sessions.userChanged(alice);
    BOOST_TEST(!sessions.identify(token));
    BOOST_CHECK_THROW(sessions.me(caller), Unauthenticated);
}

BOOST_FIXTURE_TEST_CASE(a_login_overtaken_by_a_revocation_gives_no_session_u7, Sessions)
{
    authenticator.meanwhile = [&] { sessions.revokeAllOf(alice.id); };
    BOOST_CHECK_THROW(login(), Unauthenticated);
    BOOST_TEST(sessions.activeSessions() == 0u);
    BOOST_TEST(tokens.listActive(clock.wall()).empty());
}

BOOST_FIXTURE_TEST_CASE(one_session_too_many_ends_the_one_idle_longest, Sessions)
{
    const auto few = restarted({.maxTokensPerUser = 2});
    const auto first = few->login("alice", kPassword, kAddress, "").token;
    clock.advance(1min);
    const auto second = few->login("alice", kPassword, kAddress, "").token;
    clock.advance(1min);
    BOOST_TEST(few->identify(first).has_value());
    const auto third = few->login("alice", kPassword, kAddress, "").token;
    BOOST_TEST(!few->identify(second));
    BOOST_TEST(few->identify(first).has_value());
    BOOST_TEST(few->identify(third).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_failing_authenticator_means_no_and_an_unreachable_one_says_so_g3, Sessions)
{
    authenticator.meanwhile = [] { throw std::runtime_error("bug"); };
    BOOST_CHECK_THROW(login(), Unauthenticated);
    authenticator.meanwhile = [] { throw Unavailable("The directory does not answer"); };
    BOOST_CHECK_THROW(login(), Unavailable);
    BOOST_TEST(audited("login_failed") == 1);
}

BOOST_FIXTURE_TEST_CASE(what_is_not_a_token_identifies_nobody, Sessions)
{
    login();
    for (const auto& token : {std::string(), std::string(43, 'A'), std::string(42, 'A'), std::string(100000, 'A'),
                              std::string(43, '\0')})
        BOOST_TEST(!sessions.identify(token));
}

BOOST_FIXTURE_TEST_CASE(with_authentication_off_the_first_active_admin_stands_in, Sessions)
{
    BOOST_TEST(!sessions.standIn());
    const auto open = restarted({.authOff = true});
    BOOST_TEST(open->standIn()->username == "admin");
    admin.active = false;
    users.update(admin);
    open->userChanged(admin);
    BOOST_TEST(!open->standIn());
}

BOOST_FIXTURE_TEST_CASE(logins_lookups_and_revocations_may_run_together, Sessions)
{
    const auto token = login();
    std::atomic<bool> stop{false};
    std::atomic<int> found{0};
    std::thread reader([&] {
        while (!stop)
            found += sessions.identify(token).has_value();
    });
    for (int i = 0; i < 50; ++i) {
        login("admin", "admin123", "127.0.0.1");
        sessions.revokeAllOf(admin.id);
        sessions.removeExpired();
    }
    while (!found)
        std::this_thread::yield();
    stop = true;
    reader.join();
    BOOST_TEST(sessions.activeSessions() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_set_ends_no_session_early_by_more_than_the_step_d13, Sessions)
{
    const auto token = login();
    for (const auto step : {-24h, 48h, -24h}) {
        clock.stepWall(step);
        BOOST_TEST(sessions.identify(token).has_value());
        BOOST_TEST(restarted()->identify(token).has_value());
    }
    clock.stepWall(24h);
    clock.advance(8 * 24h);
    BOOST_TEST(sessions.identify(token).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_set_neither_lifts_nor_lengthens_the_slow_down_d13, Sessions)
{
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(codeOf<Unauthenticated>([&] { login("alice", "wrong"); }) == "invalid_credentials");
    for (const auto step : {24h, -48h}) {
        clock.stepWall(step);
        BOOST_TEST(codeOf<TooMany>([&] { login("alice", "wrong"); }) == "login_throttled");
    }
    clock.advance(1h);
    BOOST_TEST(!login().empty());
}

BOOST_AUTO_TEST_SUITE_END()
