// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/conformance/suite.h>
#include <apbfarm/notifier.h>

#include <memory>

/// What every `Notifier` must do, whoever its receiver is: the promises of <apbfarm/notifier.h>.
namespace apbfarm::conformance {

struct NotifierUnderTest {
    /// One that is configured to deliver to the receiver of the test.
    std::function<std::unique_ptr<Notifier>()> make;
    /// How many messages the receiver has been given so far, over all cases.
    std::function<int()> received;
    /// Takes the receiver away, and brings it back.
    std::function<void()> leave, comeBack;
};

inline Notification sampleMessage(int number)
{
    Notification message;
    message.id = "00000000-0000-4000-9000-" + std::to_string(100'000'000'000 + number);
    message.recipientName = "alice";
    message.recipientEmail = "alice@example.org";
    message.subject = "zlib: completed";
    message.text = "It is done.\nReally.\n";
    message.facts = {{"build_id", "00000000-0000-4000-8000-000000000001"}, {"pkgname", "zlib"}, {"status", "completed"}};
    message.createdAt = fromEpoch(1'800'000'000);
    return message;
}

inline void oneThatIsConfiguredIsEnabled(const NotifierUnderTest& subject)
{
    const auto notifier = subject.make();
    APB_FARM_CONFORM(notifier->enabled() && notifier->enabled());
}

inline void theReceiverHasAMessageWhenDeliverReturns(const NotifierUnderTest& subject)
{
    const auto notifier = subject.make();
    const int before = subject.received();
    notifier->deliver(sampleMessage(1));
    APB_FARM_CONFORM(subject.received() == before + 1);
}

/// Subjects and texts contain what people wrote: package names, reasons, log lines.
inline void oddTextStaysOneMessage(const NotifierUnderTest& subject)
{
    const auto notifier = subject.make();
    int number = 10;
    for (const std::string text : {"\xC3\xA4\xE2\x9C\x93", ".\n.\n..\n", "From nobody\n", "\"quoted\" 'twice' \\ % ${HOME} <b>&amp;",
                                   "\n\n", "", "{\"json\": [1, 2}"}) {
        auto message = sampleMessage(++number);
        message.subject = "odd: " + text.substr(0, text.find('\n'));
        message.text = text;
        message.facts["reason"] = text;
        const int before = subject.received();
        notifier->deliver(message);
        APB_FARM_CONFORM(subject.received() == before + 1);
    }
}

inline void everyKindOfMessageIsDelivered(const NotifierUnderTest& subject)
{
    using enum NotificationKind;
    const auto notifier = subject.make();
    int number = 30;
    for (const auto kind : {BuildFinished, AccountCreated, AccountDeleted, RoleChanged, EmailChanged, PasswordChanged,
                            TokensRevoked, ServerTrouble, Test}) {
        auto message = sampleMessage(++number);
        message.kind = kind;
        message.facts.clear();
        const int before = subject.received();
        notifier->deliver(message);
        APB_FARM_CONFORM(subject.received() == before + 1);
    }
}

/// Whatever is thrown, but `InvalidInput`: that would put the message aside for ever.
inline void aReceiverThatIsAwayMeansLater(const NotifierUnderTest& subject)
{
    const auto notifier = subject.make();
    const auto message = sampleMessage(50);
    subject.leave();
    bool later = false;
    try {
        notifier->deliver(message);
    } catch (const InvalidInput&) {
    } catch (...) {
        later = true;
    }
    subject.comeBack();
    APB_FARM_CONFORM(later);
    const int before = subject.received();
    notifier->deliver(message);
    APB_FARM_CONFORM(subject.received() == before + 1);
}

inline std::vector<Case> notifierCases(const NotifierUnderTest& subject)
{
    const auto with = [&subject](void (*check)(const NotifierUnderTest&)) {
        return [subject, check] { check(subject); };
    };
    return {{"one_that_is_configured_is_enabled", with(oneThatIsConfiguredIsEnabled)},
            {"the_receiver_has_a_message_when_deliver_returns", with(theReceiverHasAMessageWhenDeliverReturns)},
            {"odd_text_stays_one_message", with(oddTextStaysOneMessage)},
            {"every_kind_of_message_is_delivered", with(everyKindOfMessageIsDelivered)},
            {"a_receiver_that_is_away_means_later", with(aReceiverThatIsAwayMeansLater)}};
}

} // namespace apbfarm::conformance
