// SPDX-License-Identifier: MIT
#include "service/notification_service.h"

#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/memory_messages.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

namespace {

struct Messages {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryOutbox outbox;
    test::SwitchedNotifier mail, room{Audience::Channel};
    service::NotificationService notifications{users, outbox, {{"mail", &mail}, {"room", &room}}, clock,
                                               "https://farm.example.org"};

    User account(const std::string& name, const std::string& email, Role role = Role::User)
    {
        User user;
        user.username = name;
        user.email = email;
        user.role = role;
        return users.create(user, "");
    }
    static Build endedBuildOf(std::optional<UserId> owner)
    {
        Build build;
        build.id = "48ea1df5-f7f3-477e-a7a7-36e526ea7cd3";
        build.pkgname = "zlib";
        build.epoch = "1";
        build.pkgver = "1.3";
        build.pkgrel = "2";
        build.architecture = "x86_64";
        build.state = BuildState::Failed;
        build.owner = owner;
        return build;
    }
};

std::vector<std::string> recipientsOf(const std::vector<Notification>& messages)
{
    std::vector<std::string> names;
    for (const auto& message : messages)
        names.push_back(message.recipientEmail);
    return names;
}

using Names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(NotificationService)

BOOST_FIXTURE_TEST_CASE(a_channel_hears_of_every_build_its_owner_only_with_an_address, Messages)
{
    const auto alice = account("alice", "alice@example.org"), bob = account("bob", "");
    BOOST_TEST(recipientsOf(notifications.forConcluded(endedBuildOf(alice.id))) == (Names{"", "alice@example.org"}));
    BOOST_TEST(recipientsOf(notifications.forConcluded(endedBuildOf(bob.id))) == Names{""});
    BOOST_TEST(notifications.forConcluded(endedBuildOf(std::nullopt)).empty());
    mail.on = false;
    BOOST_TEST(recipientsOf(notifications.forConcluded(endedBuildOf(alice.id))) == Names{""});
    room.on = false;
    BOOST_TEST(notifications.forConcluded(endedBuildOf(alice.id)).empty());
}

BOOST_FIXTURE_TEST_CASE(a_message_about_a_build_has_facts_for_structured_receivers, Messages)
{
    const auto messages = notifications.forConcluded(endedBuildOf(account("bob", "").id));
    BOOST_REQUIRE(messages.size() == 1u);
    const auto facts = messages.front().facts;
    BOOST_TEST(facts.at("pkgname") == "zlib");
    BOOST_TEST(facts.at("version") == "1:1.3-2");
    BOOST_TEST(facts.at("arch") == "x86_64");
    BOOST_TEST(facts.at("status") == "failed");
    BOOST_TEST(facts.at("url") == "https://farm.example.org/build/48ea1df5-f7f3-477e-a7a7-36e526ea7cd3/status");
    BOOST_TEST(messages.front().recipientName.empty());
}

BOOST_FIXTURE_TEST_CASE(a_channel_hears_once_of_trouble_however_many_administrators_there_are, Messages)
{
    account("root", "root@example.org", Role::Admin);
    account("second", "second@example.org", Role::Admin);
    BOOST_TEST(notifications.administratorsAlerted("subject", "text", {}) == 3);
    BOOST_TEST(recipientsOf(outbox.messages) == (Names{"", "root@example.org", "second@example.org"}));
}

BOOST_FIXTURE_TEST_CASE(a_channel_hears_nothing_about_accounts, Messages)
{
    notifications.passwordChanged(account("alice", "alice@example.org"));
    BOOST_TEST(recipientsOf(outbox.messages) == Names{"alice@example.org"});
    mail.on = false;
    notifications.accountDeleted(account("bob", "bob@example.org"));
    BOOST_TEST(outbox.messages.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
