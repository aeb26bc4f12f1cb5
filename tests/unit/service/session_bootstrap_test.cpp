// SPDX-License-Identifier: MIT
#include "service/bootstrap_admin.h"

#include "service/session_service.h"
#include "support/manual_clock.h"
#include "support/memory_accounts.h"
#include "support/short_memory.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using service::Bootstrap;

namespace {

class Lines final : public Poco::Channel {
public:
    void log(const Poco::Message& message) override
    {
        text.with([&](auto& lines) { lines += message.getText() + "\n"; });
    }
    util::Guarded<std::string> text;
};

struct FirstStart {
    Poco::AutoPtr<Lines> lines{new Lines};
    Poco::Logger& logger = Poco::Logger::create("bootstrap-" + util::randomUuid(), lines);
    test::ManualClock clock;
    test::MemoryUserStore users;
    test::MemoryAuditStore audit;
    test::QuickAuthenticator authenticator{users};
    service::PasswordPool pool{1};
    std::optional<User> announced;

    std::unique_ptr<service::BootstrapAdmin> started(Bootstrap mode)
    {
        auto bootstrap =
            std::make_unique<service::BootstrapAdmin>(users, audit, authenticator, pool, clock, logger, mode);
        bootstrap->start([this](const User& user) { announced = user; }).wait();
        return bootstrap;
    }
    bool accepts(const std::string& password)
    {
        return authenticator.authenticate({"admin", password, ""}).has_value();
    }
    std::string log() { return lines->text.copy(); }
};

/// Cannot hash at first, as when memory is short.
class Reluctant final : public Authenticator, public PasswordKeeper {
public:
    explicit Reluctant(Authenticator& inner, long missingAllocations = 0) : inner_(inner), missing_(missingAllocations) {}

    std::optional<Identity> authenticate(const Credentials& credentials) override
    {
        return inner_.authenticate(credentials);
    }
    PasswordKeeper* passwords() override { return this; }
    std::string hash(std::string_view password) override
    {
        if (refusals_-- > 0) {
            test::failAllocations(1, missing_);
            throw Unavailable("The password cannot be stored right now", "not_now");
        }
        return inner_.passwords()->hash(password);
    }

private:
    Authenticator& inner_;
    const long missing_;
    int refusals_ = 2;
};

} // namespace

BOOST_AUTO_TEST_SUITE(BootstrapAdmin)

BOOST_FIXTURE_TEST_CASE(an_empty_farm_gets_the_documented_admin_u10, FirstStart)
{
    const auto bootstrap = started(Bootstrap::Default);
    BOOST_REQUIRE(announced);
    BOOST_CHECK(announced->role == Role::Admin);
    BOOST_TEST(accepts("admin123"));
    BOOST_TEST(bootstrap->defaultPasswordInForce());
}

BOOST_FIXTURE_TEST_CASE(an_empty_farm_gets_its_admin_although_the_first_tries_fail, FirstStart)
{
    Reluctant reluctant(authenticator);
    service::BootstrapAdmin bootstrap(users, audit, reluctant, pool, clock, logger, Bootstrap::Default);
    bootstrap.start({}).wait();
    BOOST_TEST(users.hasActiveAdmin());
    BOOST_TEST(log().find("could not be made") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_empty_farm_gets_its_admin_although_nobody_could_be_told_that_the_first_tries_failed, FirstStart)
{
    Reluctant reluctant(authenticator, 4);
    service::BootstrapAdmin bootstrap(users, audit, reluctant, pool, clock, logger, Bootstrap::Default);
    bootstrap.start({}).wait();
    BOOST_TEST(users.hasActiveAdmin());
}

BOOST_FIXTURE_TEST_CASE(a_second_start_makes_no_second_admin, FirstStart)
{
    started(Bootstrap::Default);
    announced.reset();
    const auto again = started(Bootstrap::Default);
    BOOST_TEST(!announced);
    BOOST_TEST(users.list(true).size() == 1u);
    BOOST_TEST(again->defaultPasswordInForce());
}

BOOST_FIXTURE_TEST_CASE(a_deactivated_admin_counts_as_one_and_the_log_says_so, FirstStart)
{
    started(Bootstrap::Default);
    auto admin = *announced;
    admin.active = false;
    users.update(admin);
    const auto again = started(Bootstrap::Default);
    BOOST_TEST(users.list(true).size() == 1u);
    BOOST_TEST(log().find("deactivated") != std::string::npos);
    BOOST_TEST(!again->defaultPasswordInForce());
}

BOOST_FIXTURE_TEST_CASE(changing_the_password_is_noticed_and_changing_it_back_too_u10, FirstStart)
{
    const auto bootstrap = started(Bootstrap::Default);
    users.setPassword(announced->id, authenticator.hash("something better"));
    BOOST_TEST(!bootstrap->defaultPasswordInForce());
    users.setPassword(announced->id, authenticator.hash("admin123"));
    BOOST_TEST(bootstrap->defaultPasswordInForce());
}

BOOST_FIXTURE_TEST_CASE(a_random_password_is_told_once_in_the_log_u10, FirstStart)
{
    const auto bootstrap = started(Bootstrap::Random);
    BOOST_TEST(!accepts("admin123"));
    BOOST_TEST(!bootstrap->defaultPasswordInForce());
    const std::string marker = "with the password ";
    const auto place = log().find(marker);
    BOOST_REQUIRE(place != std::string::npos);
    BOOST_TEST(accepts(log().substr(place + marker.size(), 20)));
}

BOOST_FIXTURE_TEST_CASE(none_makes_nothing_u10, FirstStart)
{
    started(Bootstrap::None);
    BOOST_TEST(users.list(true).empty());
}

BOOST_FIXTURE_TEST_CASE(the_default_password_in_use_is_logged_and_audited_i1, FirstStart)
{
    const auto bootstrap = started(Bootstrap::Default);
    bootstrap->warnIfDefault();
    BOOST_TEST(log().find("everybody knows") != std::string::npos);
    BOOST_TEST(audit.list({.limit = 10}).front().action == "default_password_in_use");
    users.setPassword(announced->id, authenticator.hash("something better"));
    const auto before = audit.list({.limit = 10}).size();
    bootstrap->warnIfDefault();
    BOOST_TEST(audit.list({.limit = 10}).size() == before);
}

BOOST_AUTO_TEST_SUITE_END()
