// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/authenticator.h>
#include <apbfarm/conformance/suite.h>

#include <atomic>
#include <memory>
#include <thread>

/// What every `Authenticator` must do, wherever it looks: the promises of <apbfarm/authenticator.h>. That unknown and
/// known names take the same time is left to a test of the author, who knows where the time goes.
namespace apbfarm::conformance {

struct AuthenticatorUnderTest {
    std::function<std::unique_ptr<Authenticator>()> make;
    std::string username, password;  ///< somebody whom it knows
};

inline bool recognises(Authenticator& authenticator, const std::string& username, const std::string& password)
{
    return authenticator.authenticate({username, password, "192.0.2.1"}).has_value();
}

inline void aKnownNameWithItsPasswordIsRecognised(const AuthenticatorUnderTest& subject)
{
    const auto authenticator = subject.make();
    const auto identity = authenticator->authenticate({subject.username, subject.password, "192.0.2.1"});
    APB_FARM_CONFORM(identity && !identity->username.empty() && identity->username.size() <= 50);
    APB_FARM_CONFORM(identity->role == Role::User || identity->role == Role::Admin);
}

inline void anyOtherPasswordIsRefused(const AuthenticatorUnderTest& subject)
{
    const auto authenticator = subject.make();
    const auto& right = subject.password;
    for (const auto& wrong : {std::string(), right + " ", right + right, right.substr(1), std::string("*"), std::string(100, 'x'),
                              right + std::string(1, '\0'), right + std::string("\0x", 2)})
        APB_FARM_CONFORM(!recognises(*authenticator, subject.username, wrong));
}

inline void nobodyElseIsRecognised(const AuthenticatorUnderTest& subject)
{
    const auto authenticator = subject.make();
    const auto& known = subject.username;
    for (const auto& name : {std::string(), std::string("nobody-") + known.substr(0, 20), std::string("*"),
                             std::string("*)(uid=*))(|(uid=*"), known + std::string(1, '\0'), known + ":", known + "\n" + known,
                             std::string("' OR 1=1 --"), std::string("../") + known, std::string("$(id)"),
                             std::string("\xff\xfe"), std::string(50, 'n')})
        APB_FARM_CONFORM(!recognises(*authenticator, name, subject.password));
}

/// Each call gets the answer to its own question.
inline void callsAtTheSameTimeDoNotMixUp(const AuthenticatorUnderTest& subject)
{
    const auto authenticator = subject.make();
    std::atomic<int> wrongAnswers = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, right = i % 2 == 0] {
            for (int round = 0; round < 3; ++round)
                try {
                    if (recognises(*authenticator, subject.username, right ? subject.password : "wrong") != right)
                        ++wrongAnswers;
                } catch (...) {
                    ++wrongAnswers;
                }
        });
    threads.clear();
    APB_FARM_CONFORM(wrongAnswers == 0);
}

/// Passes when the authenticator keeps no passwords.
inline void whatIsStoredForAPasswordDoesNotShowIt(const AuthenticatorUnderTest& subject)
{
    const auto authenticator = subject.make();
    auto* keeper = authenticator->passwords();
    if (!keeper)
        return;
    const std::string password = "correct horse battery";
    const auto first = keeper->hash(password), second = keeper->hash(password);
    APB_FARM_CONFORM(!first.empty() && first != second);
    APB_FARM_CONFORM(first.find(password) == std::string::npos);
}

inline std::vector<Case> authenticatorCases(const AuthenticatorUnderTest& subject)
{
    const auto with = [&subject](void (*check)(const AuthenticatorUnderTest&)) {
        return [subject, check] { check(subject); };
    };
    return {{"a_known_name_with_its_password_is_recognised", with(aKnownNameWithItsPasswordIsRecognised)},
            {"any_other_password_is_refused", with(anyOtherPasswordIsRefused)},
            {"nobody_else_is_recognised", with(nobodyElseIsRecognised)},
            {"calls_at_the_same_time_do_not_mix_up", with(callsAtTheSameTimeDoNotMixUp)},
            {"what_is_stored_for_a_password_does_not_show_it", with(whatIsStoredForAPasswordDoesNotShowIt)}};
}

} // namespace apbfarm::conformance
