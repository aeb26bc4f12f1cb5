// SPDX-License-Identifier: MIT
#include "service/outbox_delivery.h"

#include "support/manual_clock.h"
#include "support/memory_messages.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace std::chrono_literals;

namespace {

struct Outbox {
    test::ManualClock clock;
    test::MemoryOutbox outbox;
    test::MemorySettings settings;
    test::SwitchedNotifier mail, pager, room{Audience::Channel};
    std::string gaveUp;

    int round()
    {
        // A new one each time, as after a restart.
        return service::OutboxDelivery(outbox, settings, {{"mail", &mail}, {"pager", &pager}, {"room", &room}}, clock, 30s,
                                       [this](const auto& what) { gaveUp += what; })
            .deliverDue();
    }
    void add(const std::string& id, const std::string& recipient)
    {
        Notification message;
        message.id = id;
        message.subject = "zlib";
        message.recipientEmail = recipient;
        message.createdAt = clock.wall();
        outbox.add(message);
    }
    void addForAlice() { add("personal", "alice@example.org"); }
};

const auto kAway = [] { throw std::runtime_error("away"); };
const auto kRefused = [] { throw InvalidInput("no such room"); };
using Ids = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(OutboxDelivery)

BOOST_FIXTURE_TEST_CASE(messages_to_people_and_to_channels_go_their_own_ways, Outbox)
{
    addForAlice();
    add("event", "");
    BOOST_TEST(round() == 2);
    BOOST_TEST(mail.delivered == Ids{"personal"});
    BOOST_TEST(pager.delivered == Ids{"personal"});
    BOOST_TEST(room.delivered == Ids{"event"});
    BOOST_TEST(outbox.messages.empty());
}

BOOST_FIXTURE_TEST_CASE(one_that_is_away_costs_the_others_nothing, Outbox)
{
    addForAlice();
    mail.trouble = kAway;
    round();
    BOOST_TEST(pager.delivered == Ids{"personal"});
    mail.trouble = {};
    clock.advance(31s);
    round();
    BOOST_TEST(mail.delivered == Ids{"personal"});
    BOOST_TEST(pager.calls == 1);
    BOOST_TEST(outbox.messages.empty());
    BOOST_TEST(settings.values.empty());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_of_one_is_seen_when_the_others_are_done, Outbox)
{
    addForAlice();
    mail.trouble = kRefused;
    pager.trouble = kAway;
    round();
    BOOST_TEST(outbox.givenUp.empty());
    pager.trouble = {};
    clock.advance(31s);
    round();
    BOOST_TEST(mail.calls == 1);
    BOOST_TEST(pager.delivered == Ids{"personal"});
    BOOST_TEST(outbox.givenUp.at("personal") == "no such room");
    BOOST_TEST(gaveUp == "The message 'zlib' was put aside: no such room");
    BOOST_TEST(settings.values.empty());
}

BOOST_FIXTURE_TEST_CASE(a_time_before_which_it_wants_nothing_is_kept_within_six_hours, Outbox)
{
    add("event", "");
    room.trouble = [] { throw Unavailable("full", "full", 300s); };
    round();
    BOOST_TEST((outbox.dueAt("event") == clock.wall() + 300s));
    room.trouble = [] { throw Unavailable("full", "full", 1s); };
    clock.advance(300s);
    round();
    BOOST_TEST((outbox.dueAt("event") == clock.wall() + 60s));
    room.trouble = [] { throw Unavailable("full", "full", 10h); };
    clock.advance(60s);
    round();
    BOOST_TEST((outbox.dueAt("event") == clock.wall() + 6h));
}

BOOST_FIXTURE_TEST_CASE(after_a_day_a_message_is_put_aside_with_its_reason_M1, Outbox)
{
    add("event", "");
    room.trouble = kAway;
    for (int attempt = 0; attempt < 100 && outbox.givenUp.empty(); ++attempt) {
        clock.advance(std::max(0us, std::chrono::duration_cast<std::chrono::microseconds>(outbox.dueAt("event") - clock.wall())));
        round();
    }
    BOOST_TEST(outbox.givenUp.at("event") == "away");
    BOOST_TEST((clock.wall() - fromEpoch(1'800'000'000) >= 24h));
    BOOST_TEST(room.calls < 30);
}

BOOST_FIXTURE_TEST_CASE(a_message_for_which_nobody_is_enabled_waits, Outbox)
{
    add("event", "");
    room.on = false;
    round();
    BOOST_TEST(outbox.messages.size() == 1u);
    BOOST_TEST(mail.calls == 0);
    mail.on = pager.on = false;
    clock.advance(1h);
    BOOST_TEST(round() == 0);
    room.on = true;
    round();
    BOOST_TEST(room.delivered == Ids{"event"});
}

BOOST_AUTO_TEST_SUITE_END()
