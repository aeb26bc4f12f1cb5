// SPDX-License-Identifier: MIT
#include "service/user_service.h"

#include "service/account_owner.h"
#include "service/user_service_rules.h"
#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/memory_messages.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

using namespace apbfarm;
using service::Caller;
using service::NewAccount;

namespace {

constexpr auto kAddress = "192.0.2.1";
constexpr auto kPassword = "correct horse";
constexpr auto kBetter = "battery staple";

/// Lets a test act while a new password is being hashed, and can stop keeping passwords.
class Interruptible final : public Authenticator, public PasswordKeeper {
public:
    explicit Interruptible(test::QuickAuthenticator& inner) : inner_(inner) {}
    std::optional<Identity> authenticate(const Credentials& credentials) override
    {
        return inner_.authenticate(credentials);
    }
    PasswordKeeper* passwords() override { return keeps ? this : nullptr; }
    std::string hash(std::string_view password) override
    {
        if (meanwhile)
            meanwhile();
        return inner_.hash(password);
    }

    std::function<void()> meanwhile;
    bool keeps = true;

private:
    test::QuickAuthenticator& inner_;
};

/// Whoever lists the accounts waits a moment for a second one to have done so too, if anything lets it.
class MeetingStore final : public UserStore {
public:
    explicit MeetingStore(UserStore& inner) : inner_(inner) {}
    std::vector<User> list(bool withInactive) override
    {
        auto users = inner_.list(withInactive);
        std::unique_lock lock(mutex_);
        ++lists_;
        met_.notify_all();
        met_.wait_for(lock, std::chrono::milliseconds(200), [this] { return lists_ > 1; });
        return users;
    }
    std::optional<User> find(UserId id) override { return inner_.find(id); }
    std::optional<User> findByName(const std::string& name) override { return inner_.findByName(name); }
    bool hasActiveAdmin() override { return inner_.hasActiveAdmin(); }
    User create(const User& user, const std::string& hash) override { return inner_.create(user, hash); }
    void update(const User& user) override { inner_.update(user); }
    void setLastLogin(UserId id, Timestamp at) override { inner_.setLastLogin(id, at); }
    std::optional<std::string> passwordHash(UserId id) override { return inner_.passwordHash(id); }
    void setPassword(UserId id, const std::string& hash) override { inner_.setPassword(id, hash); }

private:
    UserStore& inner_;
    std::mutex mutex_;
    std::condition_variable met_;
    int lists_ = 0;
};

struct Accounts {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryTokenStore tokens;
    test::MemoryAuditStore audit;
    test::QuickAuthenticator quick{users};
    Interruptible authenticator{quick};
    service::PasswordPool pool{2};
    service::LoginThrottle throttle{clock};
    test::MemoryOutbox outbox;
    test::SwitchedNotifier notifier;
    service::NotificationService notifications{users, outbox, {{"mail", &notifier}}, clock, "https://farm.example.org"};
    User admin = account("root", Role::Admin);
    User alice = account("alice", Role::User);
    service::AuthenticatorChain chain{{{"quick", authenticator}}, users};
    service::SessionService sessions{users, tokens, audit, chain, pool, throttle, clock};
    service::UserService service{{users, audit, authenticator, pool, sessions, notifications, clock}};
    Caller byAdmin{{admin.id, admin.username, Role::Admin, 0}, kAddress, "request-1"};

    User account(const std::string& name, Role role)
    {
        User user;
        user.username = name;
        user.role = role;
        user.email = name + "@example.org";
        user.createdAt = clock.wall();
        return users.create(user, quick.hash(kPassword));
    }
    std::string login(const std::string& name, const std::string& password = kPassword)
    {
        return sessions.login(name, password, kAddress, "request-0").token;
    }
    Caller callerWith(const std::string& token) { return {*sessions.identify(token), kAddress, "request-2"}; }
    bool hasAudit(const std::string& action, const std::string& actor, const std::string& target)
    {
        return std::ranges::any_of(audit.list({.limit = 1000}), [&](const AuditEvent& event) {
            return event.action == action && event.actor == actor && event.target == target
                   && event.address == kAddress && !event.requestId.empty();
        });
    }
    std::vector<std::string> toldAbout(NotificationKind kind)
    {
        std::vector<std::string> recipients;
        for (const auto& message : outbox.messages)
            if (message.kind == kind)
                recipients.push_back(message.recipientEmail);
        return recipients;
    }
};

template <class E> std::string codeOf(const std::function<void()>& call)
{
    try {
        call();
    } catch (const E& error) {
        return error.code();
    }
    return "nothing was thrown";
}

/// The fields that are complained about.
std::string fieldsOf(const std::function<void()>& call)
{
    std::string fields;
    try {
        call();
    } catch (const InvalidInput& error) {
        for (const auto& field : error.fields())
            fields += (fields.empty() ? "" : " ") + field.field;
    }
    return fields;
}

bool passwordAccepted(const std::string& password, const std::string& username = "alice")
{
    service::Complaints complaints;
    service::checkNewPassword(password, username, "password", complaints);
    return fieldsOf([&] { complaints.raise(); }).empty();
}

bool emailAccepted(const std::string& email)
{
    service::Complaints complaints;
    service::checkEmail(email, false, complaints);
    return fieldsOf([&] { complaints.raise(); }).empty();
}

std::string repeated(const std::string& text, int times)
{
    std::string all;
    while (times-- > 0)
        all += text;
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(UserService)

BOOST_AUTO_TEST_CASE(passwords_are_counted_in_characters_and_the_usual_ones_refused_U1)
{
    BOOST_TEST(passwordAccepted("ein langes Wort"));
    BOOST_TEST(!passwordAccepted("7 chars"));
    BOOST_TEST(passwordAccepted(repeated("ü", 100)));
    BOOST_TEST(!passwordAccepted(repeated("ü", 101)));
    BOOST_TEST(!passwordAccepted(repeated("ü", 7)));
    BOOST_TEST(!passwordAccepted("Alice_Liddell", "alice_liddell"));
    BOOST_TEST(!passwordAccepted(std::string("correct\0horse", 13)));
    for (const auto* common : {"admin123", "password", "PassWord1", "12345678", "qwertyuiop"})
        BOOST_TEST(!passwordAccepted(common), common);
}

BOOST_AUTO_TEST_CASE(addresses_are_plain_ones_M2)
{
    for (const auto* good : {"", "a@b.de", "first.last+tag@mail.example.org", "x_%-1@a-b.example"})
        BOOST_TEST(emailAccepted(good), good);
    for (const auto* bad : {"a", "a@b", "@b.de", "a@.", "a@b.d", "a@b.d3", "a b@c.de", "a@b@c.de", "<a@b.de>",
                            "a@b.de,c@d.de", "a@b.de\r\nBcc: c@d.de", "\"a\"@b.de", "ä@b.de", "a@ä.de", "a@b.de "})
        BOOST_TEST(!emailAccepted(bad), bad);
    BOOST_TEST(!emailAccepted(std::string("a@b.de\0x", 8)));
    BOOST_TEST(emailAccepted(repeated("a", 249) + "@b.de"));
    BOOST_TEST(!emailAccepted(repeated("a", 250) + "@b.de"));
}

BOOST_FIXTURE_TEST_CASE(a_new_account_can_log_in_and_is_recorded, Accounts)
{
    const auto made = service.create({"carol", kPassword, "admin", "carol@example.org"}, byAdmin);
    BOOST_CHECK(made.role == Role::Admin);
    BOOST_CHECK(made.createdAt == clock.wall());
    BOOST_CHECK(callerWith(login("carol")).who.role == Role::Admin);
    BOOST_TEST(hasAudit("user_created", "root", "carol"));
    BOOST_TEST(toldAbout(NotificationKind::AccountCreated) == std::vector<std::string>{"carol@example.org"});
    BOOST_TEST(outbox.messages[0].text.find(kPassword) == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(every_wrong_field_of_a_new_account_is_named_U12, Accounts)
{
    const auto fields = [&](const NewAccount& wanted) { return fieldsOf([&] { service.create(wanted, byAdmin); }); };
    BOOST_TEST(fields({"x", "short", "guest", "nowhere"}) == "username password email role");
    for (const auto* name : {"ab", "with space", "a/../b", "name\n", "<script>", "päul", "bob#3", "bob."})
        BOOST_TEST(fields({name, kPassword}) == "username", name);
    BOOST_TEST(fields({repeated("a", 51), kPassword}) == "username");
    BOOST_TEST(fields({std::string("bob\0x", 5), kPassword}) == "username");
    BOOST_TEST(fields({"ALICE", kPassword}) == "username");
    BOOST_TEST(service.list().size() == 2u);
    BOOST_TEST(service.create({repeated("a", 50), kPassword}, byAdmin).id > 0);
}

BOOST_FIXTURE_TEST_CASE(two_requests_for_one_name_make_one_account, Accounts)
{
    std::atomic<int> made{0}, refused{0};
    const auto ask = [&] {
        const auto code = codeOf<InvalidInput>([&] { service.create({"carol", kPassword}, byAdmin); });
        ++(code == "username_taken" ? refused : made);
    };
    std::thread other(ask);
    ask();
    other.join();
    BOOST_TEST(made == 1);
    BOOST_TEST(refused == 1);
    BOOST_TEST(service.list().size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_deleted_account_is_out_at_once_and_its_name_free_U7_U12, Accounts)
{
    const auto token = login("alice");
    service.remove(alice.id, byAdmin);
    BOOST_TEST(!sessions.identify(token));
    BOOST_CHECK_THROW(login("alice"), Unauthenticated);
    BOOST_TEST(service.list().size() == 1u);
    BOOST_TEST(!service.find(alice.id).active);
    BOOST_TEST(hasAudit("user_deleted", "root", "alice"));
    BOOST_TEST(toldAbout(NotificationKind::AccountDeleted).size() == 1u);

    BOOST_TEST(codeOf<NotFound>([&] { service.remove(alice.id, byAdmin); }) == "user_not_found");
    BOOST_TEST(codeOf<NotFound>([&] { service.setRole(alice.id, "admin", byAdmin); }) == "user_not_found");
    BOOST_TEST(codeOf<NotFound>([&] { service.setEmail(alice.id, "", byAdmin); }) == "user_not_found");
    BOOST_TEST(codeOf<NotFound>([&] { service.revokeTokens(99, byAdmin); }) == "user_not_found");
    BOOST_TEST(service.create({"alice", kPassword}, byAdmin).id != alice.id);
}

BOOST_FIXTURE_TEST_CASE(nobody_deletes_their_own_account, Accounts)
{
    BOOST_TEST(codeOf<InvalidInput>([&] { service.remove(admin.id, byAdmin); }) == "cannot_delete_yourself");
    BOOST_TEST(service.find(admin.id).active);
}

BOOST_FIXTURE_TEST_CASE(a_new_role_counts_for_sessions_that_are_open_U7, Accounts)
{
    const auto token = login("alice");
    BOOST_CHECK(service.setRole(alice.id, "admin", byAdmin) == Role::Admin);
    BOOST_CHECK(sessions.identify(token)->role == Role::Admin);
    service.setRole(alice.id, "user", byAdmin);
    BOOST_CHECK(sessions.identify(token)->role == Role::User);
    BOOST_TEST(hasAudit("role_changed", "root", "alice"));
    BOOST_TEST(toldAbout(NotificationKind::RoleChanged).size() == 2u);
    BOOST_TEST(fieldsOf([&] { service.setRole(alice.id, "guest", byAdmin); }) == "role");
    BOOST_TEST(fieldsOf([&] { service.setRole(alice.id, "Admin", byAdmin); }) == "role");
}

BOOST_FIXTURE_TEST_CASE(the_last_administrator_stays_one_U11, Accounts)
{
    const Caller byAlice{{alice.id, "alice", Role::Admin, 0}, kAddress, "request-3"};
    BOOST_TEST(codeOf<Conflict>([&] { service.setRole(admin.id, "user", byAdmin); }) == "last_administrator");
    BOOST_TEST(codeOf<Conflict>([&] { service.remove(admin.id, byAlice); }) == "last_administrator");
    service.setRole(alice.id, "admin", byAdmin);
    BOOST_CHECK(service.setRole(admin.id, "user", byAlice) == Role::User);
    BOOST_TEST(codeOf<Conflict>([&] { service.setRole(alice.id, "user", byAlice); }) == "last_administrator");
}

BOOST_FIXTURE_TEST_CASE(two_administrators_cannot_depose_each_other_at_once_U11, Accounts)
{
    service.setRole(alice.id, "admin", byAdmin);
    MeetingStore store(users);
    service::UserService shared{{store, audit, authenticator, pool, sessions, notifications, clock}};
    std::atomic<int> refused{0};
    const auto depose = [&](UserId id) {
        refused += codeOf<Conflict>([&] { shared.setRole(id, "user", byAdmin); }) == "last_administrator";
    };
    std::thread other([&] { depose(admin.id); });
    depose(alice.id);
    other.join();
    BOOST_TEST(refused == 1);
    BOOST_TEST(users.hasActiveAdmin());
}

BOOST_FIXTURE_TEST_CASE(an_address_that_changes_is_told_to_both_ends, Accounts)
{
    service.setEmail(alice.id, "new@example.org", byAdmin);
    BOOST_TEST(service.find(alice.id).email == "new@example.org");
    BOOST_TEST(toldAbout(NotificationKind::EmailChanged)
               == (std::vector<std::string>{"alice@example.org", "new@example.org"}));
    service.setEmail(alice.id, "", byAdmin);
    BOOST_TEST(service.find(alice.id).email.empty());
    BOOST_TEST(toldAbout(NotificationKind::EmailChanged).back() == "new@example.org");
    BOOST_TEST(fieldsOf([&] { service.setEmail(alice.id, "nowhere", byAdmin); }) == "email");
    BOOST_TEST(hasAudit("email_changed", "root", "alice"));
    for (const auto& event : audit.list({.limit = 1000}))
        BOOST_TEST((event.result + event.target).find('@') == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(without_a_notifier_nothing_is_put_into_the_outbox, Accounts)
{
    notifier.on = false;
    service.setEmail(alice.id, "new@example.org", byAdmin);
    service.remove(alice.id, byAdmin);
    BOOST_TEST(outbox.messages.empty());
}

BOOST_FIXTURE_TEST_CASE(messages_can_be_switched_off_and_on, Accounts)
{
    service.setNotifications(alice.id, false, byAdmin);
    BOOST_TEST(!service.find(alice.id).emailNotifications);
    service.setNotifications(alice.id, true, byAdmin);
    BOOST_TEST(service.find(alice.id).emailNotifications);
}

BOOST_FIXTURE_TEST_CASE(revoking_ends_all_sessions_of_one_account_U7, Accounts)
{
    const auto first = login("alice"), second = login("alice"), others = login("root");
    BOOST_TEST(service.revokeTokens(alice.id, byAdmin) == 2);
    BOOST_TEST(!sessions.identify(first));
    BOOST_TEST(!sessions.identify(second));
    BOOST_TEST(sessions.identify(others).has_value());
    BOOST_TEST(hasAudit("tokens_revoked", "root", "alice"));
    BOOST_TEST(service.revokeTokens(alice.id, byAdmin) == 0);
    BOOST_TEST(toldAbout(NotificationKind::TokensRevoked).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_changed_password_ends_all_sessions_but_this_one_U7, Accounts)
{
    const auto here = login("alice"), elsewhere = login("alice");
    service.changePassword({kPassword, kBetter, kBetter}, callerWith(here));
    BOOST_TEST(sessions.identify(here).has_value());
    BOOST_TEST(!sessions.identify(elsewhere));
    BOOST_CHECK_THROW(login("alice"), Unauthenticated);
    BOOST_TEST(login("alice", kBetter).size() == 43u);
    BOOST_TEST(hasAudit("password_changed", "alice", "alice"));
    BOOST_TEST(toldAbout(NotificationKind::PasswordChanged).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_password_changes_only_for_who_knows_it, Accounts)
{
    const auto caller = callerWith(login("alice"));
    const auto fields = [&](const std::string& current, const std::string& wanted, const std::string& confirmed) {
        return fieldsOf([&] { service.changePassword({current, wanted, confirmed}, caller); });
    };
    BOOST_TEST(fields("wrong horse", kBetter, kBetter) == "current_password");
    BOOST_TEST(hasAudit("password_change_failed", "alice", "alice"));
    BOOST_TEST(fields(kPassword, kBetter, "battery stable") == "confirm_password");
    BOOST_TEST(fields(kPassword, "password", "Password") == "new_password confirm_password");
    BOOST_TEST(login("alice").size() == 43u);
}

BOOST_FIXTURE_TEST_CASE(guessing_with_a_stolen_token_is_slowed_down_and_log_in_is_not_U5, Accounts)
{
    const auto caller = callerWith(login("alice"));
    const auto guess = [&] { service.changePassword({"wrong horse", kBetter, kBetter}, caller); };
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(codeOf<InvalidInput>(guess) == "wrong_password");
    BOOST_CHECK_THROW(for (int i = 0; i < 3; ++i) codeOf<InvalidInput>(guess), TooMany);
    BOOST_TEST(login("alice").size() == 43u);
}

BOOST_FIXTURE_TEST_CASE(of_two_password_changes_at_once_the_slower_one_is_refused, Accounts)
{
    const auto caller = callerWith(login("alice"));
    authenticator.meanwhile = [&] { users.setPassword(alice.id, quick.hash("the other one")); };
    BOOST_TEST(codeOf<Conflict>([&] { service.changePassword({kPassword, kBetter, kBetter}, caller); })
               == "password_changed");
    BOOST_TEST(login("alice", "the other one").size() == 43u);
}

BOOST_FIXTURE_TEST_CASE(an_account_deleted_meanwhile_gets_no_new_password, Accounts)
{
    const auto caller = callerWith(login("alice"));
    authenticator.meanwhile = [&] { service.remove(alice.id, byAdmin); };
    BOOST_TEST(codeOf<NotFound>([&] { service.changePassword({kPassword, kBetter, kBetter}, caller); })
               == "user_not_found");
    BOOST_TEST(!quick.authenticate({"alice", kBetter, kAddress}).has_value());
}

BOOST_FIXTURE_TEST_CASE(without_a_password_keeper_neither_accounts_nor_passwords_are_made, Accounts)
{
    authenticator.keeps = false;
    const auto caller = callerWith(login("alice"));
    BOOST_TEST(codeOf<Conflict>([&] { service.create({"carol", kPassword}, byAdmin); }) == "passwords_elsewhere");
    BOOST_TEST(codeOf<Conflict>([&] { service.changePassword({kPassword, kBetter, kBetter}, caller); })
               == "passwords_elsewhere");
}

BOOST_FIXTURE_TEST_CASE(an_account_from_elsewhere_is_told_where_its_password_is_kept, Accounts)
{
    const auto caller = callerWith(login("alice"));
    users.setPassword(alice.id, service::ownerMark("ldap", "uuid-1"));
    BOOST_TEST(codeOf<Conflict>([&] { service.changePassword({kPassword, kBetter, kBetter}, caller); })
               == "passwords_elsewhere");
    BOOST_TEST(users.passwordHash(alice.id).value() == service::ownerMark("ldap", "uuid-1"));
}

BOOST_AUTO_TEST_SUITE_END()
