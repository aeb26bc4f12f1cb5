// SPDX-License-Identifier: MIT
#include "plugins/bundled_plugins.h"

#include <boost/test/unit_test.hpp>

#include <time.h>

#include <algorithm>
#include <regex>

using namespace apbfarm;
using plugin::PluginError;

namespace {

const std::string kSalt64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kVector = kSalt64 + ":4f38d0aa427361cc71940be34be4a9d7cd081aa5c885d6e51ad424bdeb22397d";

struct LocalFixture : test::BundledPlugins {
    LocalFixture()
    {
        load({"auth-local"});
        set("auth.local.iterations", "10000");
    }

    User account(const std::string& name, const std::string& hash, bool active = true)
    {
        auto user = users.create({.username = name, .role = Role::Admin, .email = name + "@example.org"}, hash);
        if (!active) {
            user.active = false;
            users.update(user);
        }
        return user;
    }
    Authenticator& local()
    {
        if (!made)
            made = &host.createAuthenticator("local");
        return *made;
    }
    bool logsIn(const std::string& name, const std::string& password)
    {
        return local().authenticate({name, password, "127.0.0.1"}).has_value();
    }
    std::string hashOf(const std::string& password) { return local().passwords()->hash(password); }

    Storage& storage = openStorage();
    UserStore& users = storage.users();
    Authenticator* made = nullptr;
};

double cpuSeconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

} // namespace

BOOST_AUTO_TEST_SUITE(AuthLocal)

BOOST_FIXTURE_TEST_CASE(recognises_an_account_by_name_and_password, LocalFixture)
{
    account("alice", hashOf("correct horse"));
    const auto identity = local().authenticate({"alice", "correct horse", "127.0.0.1"});
    BOOST_TEST(identity.value().username == "alice");
    BOOST_TEST(identity->email == "alice@example.org");
    BOOST_CHECK(identity->role == Role::Admin);
    BOOST_TEST(!logsIn("alice", "correct horsf"));
    BOOST_TEST(!logsIn("alice", ""));
}

BOOST_FIXTURE_TEST_CASE(accepts_the_stored_form_of_older_farms_U2, LocalFixture)
{
    account("first", kVector);
    std::string doubled;
    for (int i = 0; i < 32; ++i)
        doubled += "ab";
    account("second", doubled + ":ed6c27b5af852b5203a41368e843a3d509b32e131e197821d54e913abb80e814");
    account("real", "1cdc0edfb9447288a2ce4a7d88a610cfc50d312357c4540034eeca86ab025e59:"
                    "13fa21d8d858d412fa4d782d311f6da478e466a7f91988223cbb3f87cfaa6ad6");
    BOOST_TEST(logsIn("first", "admin123"));
    BOOST_TEST(logsIn("second", "p\xc3\xa4ssw\xc3\xb6rd1"));
    BOOST_TEST(logsIn("real", "admin123"));
    BOOST_TEST(!logsIn("first", "admin124"));
}

BOOST_FIXTURE_TEST_CASE(rewrites_the_older_form_at_the_next_login_U2, LocalFixture)
{
    const auto user = account("alice", kVector);
    BOOST_TEST(!logsIn("alice", "wrong"));
    BOOST_TEST(users.passwordHash(user.id).value() == kVector);
    BOOST_TEST(logsIn("alice", "admin123"));
    const auto rewritten = users.passwordHash(user.id).value();
    BOOST_TEST(std::regex_match(rewritten, std::regex("pbkdf2_sha256\\$10000\\$[0-9a-f]{64}\\$[0-9a-f]{64}")));
    BOOST_TEST(logsIn("alice", "admin123"));
    BOOST_TEST(users.passwordHash(user.id).value() == rewritten);
}

BOOST_FIXTURE_TEST_CASE(rewrites_a_password_with_fewer_rounds_than_configured_U2, LocalFixture)
{
    const auto weak = hashOf("correct horse");
    const auto user = account("alice", weak);
    test::BundledPlugins later;
    later.load({"auth-local"});
    BOOST_TEST(weak.starts_with("pbkdf2_sha256$10000$"));
    later.set("storage.sqlite.path", (dir / "other.db").string());
    auto& otherUsers = later.openStorage().users();
    const auto other = otherUsers.create({.username = "alice"}, weak);
    later.set("auth.local.iterations", "20000");
    BOOST_TEST(later.host.createAuthenticator("local").authenticate({"alice", "correct horse", ""}).has_value());
    BOOST_TEST(otherUsers.passwordHash(other.id).value().starts_with("pbkdf2_sha256$20000$"));
}

BOOST_FIXTURE_TEST_CASE(keeps_and_writes_the_older_form_when_asked_to_U2, LocalFixture)
{
    set("auth.local.legacyFormat", "true");
    const auto user = account("alice", kVector);
    BOOST_TEST(logsIn("alice", "admin123"));
    BOOST_TEST(users.passwordHash(user.id).value() == kVector);
    const auto made = hashOf("new password");
    BOOST_TEST(std::regex_match(made, std::regex("[0-9a-f]{64}:[0-9a-f]{64}")));
    users.setPassword(user.id, made);
    BOOST_TEST(logsIn("alice", "new password"));
}

BOOST_FIXTURE_TEST_CASE(salts_every_password_anew_U2, LocalFixture)
{
    BOOST_TEST(hashOf("same") != hashOf("same"));
}

BOOST_FIXTURE_TEST_CASE(a_letter_is_one_letter_however_it_was_typed_U1, LocalFixture)
{
    const std::string composed = "p\xc3\xa4ssw\xc3\xb6rd", decomposed = "pa\xcc\x88sswo\xcc\x88rd",
                      mixed = "p\xc3\xa4sswo\xcc\x88rd";
    account("one", hashOf(composed));
    account("other", hashOf(decomposed));
    for (const auto& typed : {composed, decomposed, mixed}) {
        BOOST_TEST(logsIn("one", typed));
        BOOST_TEST(logsIn("other", typed));
    }
    BOOST_TEST(!logsIn("one", "password"));
    account("bytes", hashOf("no \xff text \xc3"));
    BOOST_TEST(logsIn("bytes", "no \xff text \xc3"));
    BOOST_TEST(!logsIn("bytes", "no \xff text"));
}

/// "passwo" U+0308 "rd1" as an older farm stored it: `hashlib.pbkdf2_hmac("sha256", typed, salt, 100000)`.
BOOST_FIXTURE_TEST_CASE(what_an_older_farm_stored_as_it_was_typed_is_accepted_once_and_rewritten_U1, LocalFixture)
{
    const std::string typed = "passwo\xcc\x88rd1", composed = "passw\xc3\xb6rd1";
    const auto user = account("old", kSalt64 + ":120b0b166c71e82b91b50bdcaed1794f4c149e40bba7ceaa87890487c9ff30d0");
    BOOST_TEST(!logsIn("old", composed));
    BOOST_TEST(logsIn("old", typed));
    BOOST_TEST(users.passwordHash(user.id)->starts_with("pbkdf2_sha256$"));
    BOOST_TEST(logsIn("old", composed));
}

BOOST_FIXTURE_TEST_CASE(a_password_with_zero_bytes_behind_it_is_another_one, LocalFixture)
{
    account("alice", hashOf("correct horse"));
    account("old", kVector);
    BOOST_TEST(!logsIn("alice", std::string("correct horse\0", 14)));
    BOOST_TEST(!logsIn("old", std::string("admin123\0\0", 10)));
    BOOST_TEST(logsIn("alice", "correct horse"));
}

BOOST_FIXTURE_TEST_CASE(nobody_is_recognised_by_a_damaged_hash, LocalFixture)
{
    const std::string hex(64, 'a');
    int number = 0;
    const std::vector<std::string> damaged{
        "", ":", ":" + hex, hex + ":", hex + ":" + hex.substr(1), "plain", "pbkdf2_sha256$10000$x$y",
        "pbkdf2_sha256$0$" + hex + "$" + hex, "pbkdf2_sha256$-5$" + hex + "$" + hex,
        "pbkdf2_sha256$99999999999$" + hex + "$" + hex, "pbkdf2_sha256$2000000000$" + hex + "$" + hex,
        "pbkdf2_sha1$10000$" + hex + "$" + hex};
    for (const auto& stored : damaged) {
        const auto name = "user" + std::to_string(number++);
        account(name, stored);
        BOOST_TEST(!logsIn(name, "plain"), stored);
        BOOST_TEST(!logsIn(name, ""), stored);
    }
}

BOOST_FIXTURE_TEST_CASE(unknown_and_inactive_accounts_are_not_recognised_U4, LocalFixture)
{
    account("gone", hashOf("correct horse"), false);
    BOOST_TEST(!logsIn("gone", "correct horse"));
    BOOST_TEST(!logsIn("nobody", "correct horse"));
    BOOST_TEST(!logsIn("", ""));
}

// Processor time of this thread, so that other work on the machine does not count.
BOOST_FIXTURE_TEST_CASE(a_failed_try_costs_the_same_for_every_kind_of_account_U4, LocalFixture)
{
    set("auth.local.iterations", "200000");
    account("known", hashOf("correct horse"));
    account("gone", hashOf("correct horse"), false);
    account("old", kVector);
    account("broken", "plain");
    const std::vector<std::string> names{"known", "gone", "old", "broken", "nobody"};
    std::vector<std::vector<double>> times(names.size());
    for (int round = 0; round < 9; ++round)
        for (std::size_t i = 0; i < names.size(); ++i) {
            const double begin = cpuSeconds();
            BOOST_TEST(!logsIn(names[i], "wrong"));
            times[i].push_back(cpuSeconds() - begin);
        }
    for (auto& list : times)
        std::ranges::sort(list);
    for (std::size_t i = 1; i < names.size(); ++i)
        BOOST_TEST(times[i][4] == times[0][4], boost::test_tools::tolerance(0.2));
}

BOOST_FIXTURE_TEST_CASE(refuses_a_number_of_rounds_that_is_too_small_or_too_large, LocalFixture)
{
    set("auth.local.iterations", "9999");
    BOOST_CHECK_EXCEPTION(local(), PluginError, [](const PluginError& error) {
        return test::has(error.what(), "expected a whole number from 10000 to 10000000");
    });
}

BOOST_AUTO_TEST_SUITE_END()
