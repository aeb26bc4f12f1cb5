// SPDX-License-Identifier: MIT
#include "service/admin_alerts.h"

#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/memory_messages.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;
using service::AdminAlerts;

namespace {

struct Watched {
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryOutbox outbox;
    test::SwitchedNotifier notifier;
    test::MemorySettings settings;
    service::NotificationService notifications{users, outbox, {{"mail", &notifier}}, clock, "https://farm.example.org"};
    std::string log;
    AdminAlerts alerts{notifications, settings, clock,
                       {.log = [this](bool trouble, const std::string& what) { log += (trouble ? "!" : "") + what + "\n"; }}};

    Watched()
    {
        account("root", Role::Admin, "root@example.org");
        account("second", Role::Admin, "");
        account("alice", Role::User, "alice@example.org");
    }
    void account(const std::string& name, Role role, const std::string& email)
    {
        User user;
        user.username = name;
        user.role = role;
        user.email = email;
        users.create(user, "");
    }
    void is(const std::string& condition)
    {
        alerts.set("server http://one", {condition, condition.empty() ? "is back" : "is " + condition, "text"});
        alerts.tell();
    }
    std::string subjects() const
    {
        std::string all;
        for (const auto& message : outbox.messages)
            all += message.subject + ";";
        return all;
    }
    static Build lostBuild(const std::string& pkgname)
    {
        Build build;
        build.id = "48ea1df5-f7f3-477e-a7a7-36e526ea7cd3";
        build.pkgname = pkgname;
        build.architecture = "x86_64";
        build.state = BuildState::Failed;
        build.server = "http://one";
        build.serverAvailable = false;
        build.reason = "The build server did not come back";
        return build;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(AdminMails)

BOOST_FIXTURE_TEST_CASE(trouble_is_told_once_and_its_end_once_to_administrators_with_an_address, Watched)
{
    is("");
    BOOST_TEST(subjects() == "");
    is("unavailable");
    is("unavailable");
    BOOST_TEST(subjects() == "is unavailable;");
    BOOST_TEST(outbox.messages.front().recipientEmail == "root@example.org");
    is("");
    is("");
    BOOST_TEST(subjects() == "is unavailable;is back;");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_comes_and_goes_makes_no_storm_of_mails, Watched)
{
    for (int i = 0; i < 60; ++i) {
        is(i % 2 ? "" : "unavailable");
        clock.advance(30s);
    }
    BOOST_TEST(subjects() == "is unavailable;is back;is unavailable;is back;");
}

BOOST_FIXTURE_TEST_CASE(every_change_is_logged_also_when_nobody_wants_mails, Watched)
{
    is("unavailable");
    is("unavailable");
    is("");
    BOOST_TEST(log == "!is unavailable. text\nis back. text\n");
    AdminAlerts silent(notifications, settings, clock, {.mails = false});
    silent.set("disk", {"low", "nearly full", ""});
    silent.buildEnded(lostBuild("first"));
    silent.tell();
    BOOST_TEST(subjects() == "is unavailable;is back;");
}

BOOST_FIXTURE_TEST_CASE(a_restart_repeats_nothing_and_still_tells_the_end, Watched)
{
    is("misconfigured");
    AdminAlerts restarted(notifications, settings, clock, {});
    restarted.set("server http://one", {"misconfigured", "again", ""});
    restarted.tell();
    BOOST_TEST(subjects() == "is misconfigured;");
    restarted.set("server http://one", {"", "is back", ""});
    restarted.tell();
    BOOST_TEST(subjects() == "is misconfigured;is back;");
    BOOST_TEST(settings.values.empty());
}

BOOST_FIXTURE_TEST_CASE(what_nobody_could_be_told_is_told_once_somebody_can, Watched)
{
    notifier.on = false;
    is("unavailable");
    BOOST_TEST(subjects() == "");
    notifier.on = true;
    is("unavailable");
    BOOST_TEST(subjects() == "is unavailable;");
}

BOOST_FIXTURE_TEST_CASE(lost_builds_are_told_of_together_and_others_not_at_all, Watched)
{
    alerts.buildEnded(lostBuild("first"));
    alerts.tell();
    BOOST_TEST(subjects() == "APB Farm: a build was lost;");
    alerts.buildEnded(lostBuild("second"));
    alerts.buildEnded(lostBuild("third"));
    auto failed = lostBuild("own fault");
    failed.ending = BuildStatus::Failed;
    alerts.buildEnded(failed);
    alerts.tell();
    clock.advance(15min);
    alerts.tell();
    BOOST_TEST(subjects() == "APB Farm: a build was lost;APB Farm: 2 builds were lost;");
    BOOST_TEST(outbox.messages.back().text.find("third") != std::string::npos);
    BOOST_TEST(outbox.messages.back().text.find("own fault") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
