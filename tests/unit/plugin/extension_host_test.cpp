// SPDX-License-Identifier: MIT
#include "plugin/extension_host.h"
#include "support/manual_clock.h"

#include <Poco/Logger.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using plugin::PluginError;

namespace {

struct NoSecrets final : SecretBox {
    std::string seal(std::string_view, std::string_view) override { throw std::logic_error("no secrets here"); }
    std::string open(std::string_view, std::string_view) override { throw std::logic_error("no secrets here"); }
};

struct WaitingScheduler final : Scheduler {
    WaitingScheduler(std::string reason, std::vector<std::string>* gone) : reason(std::move(reason)), gone(gone) {}
    ~WaitingScheduler() override
    {
        if (gone)
            gone->push_back(reason);
    }
    Placement pick(const Build&, std::span<const ServerSnapshot>) override { return Placement::wait(reason); }
    std::string reason;
    std::vector<std::string>* gone;
};

struct HostFixture {
    void offer(const std::string& name, std::function<std::string(ExtensionContext&)> reason)
    {
        catalog.add(Provider<Scheduler>{name, "Waits", {{"word", "nothing", "What it says"}},
                                        [this, reason](ExtensionContext& context) {
                                            return std::make_unique<WaitingScheduler>(reason(context), &gone);
                                        }});
    }
    std::string reasonOf(const std::string& name) { return host->createScheduler(name).pick({}, {}).reason; }
    bool complains(const std::string& name, const std::string& part)
    {
        try {
            host->createScheduler(name);
        } catch (const PluginError& error) {
            return std::string(error.what()).find(part) != std::string::npos;
        }
        return false;
    }

    std::vector<std::string> gone;
    util::ConfigValues configuration;
    test::ManualClock clock;
    NoSecrets secrets;
    plugin::ExtensionCatalog catalog;
    std::unique_ptr<plugin::ExtensionHost> host =
        std::make_unique<plugin::ExtensionHost>(catalog, configuration, secrets, "/var/lib/apb-farm", clock);
};

} // namespace

BOOST_AUTO_TEST_SUITE(ExtensionHost)

BOOST_FIXTURE_TEST_CASE(gives_an_extension_its_own_options_logger_and_folder, HostFixture)
{
    configuration["scheduler.talker.word"] = {"hello", "farm.properties:1"};
    offer("talker", [](ExtensionContext& context) {
        return context.config().getString("word") + " " + context.logger().name() + " " + context.stateDirectory();
    });
    BOOST_TEST(reasonOf("talker") == "hello core /var/lib/apb-farm/");
}

BOOST_FIXTURE_TEST_CASE(a_name_that_nobody_offers_is_told_with_those_there_are, HostFixture)
{
    BOOST_TEST(complains("absent", "No loaded plugin offers any."));
    offer("talker", [](auto&) { return "x"; });
    BOOST_TEST(complains("absent", "There is no scheduler 'absent'. Loaded plugins offer: talker."));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_option_stops_the_start, HostFixture)
{
    offer("talker", [](auto&) { return "x"; });
    configuration["scheduler.talker.wrod"] = {"hello", "farm.properties:1"};
    BOOST_TEST(complains("talker", "farm.properties:1: unknown key 'scheduler.talker.wrod'. Known are: scheduler.talker.word."));
}

BOOST_FIXTURE_TEST_CASE(a_wrong_option_value_is_told_with_its_full_key, HostFixture)
{
    configuration["scheduler.talker.word"] = {"many", "farm.properties:1"};
    offer("talker", [](ExtensionContext& context) { return std::to_string(context.config().getInt("word")); });
    BOOST_TEST(complains("talker", "scheduler.talker.word must be a whole number, not 'many'"));
}

BOOST_FIXTURE_TEST_CASE(nothing_is_created_twice, HostFixture)
{
    offer("talker", [](auto&) { return "x"; });
    reasonOf("talker");
    BOOST_TEST(complains("talker", "asks twice for the scheduler talker"));
}

BOOST_FIXTURE_TEST_CASE(there_is_no_storage_before_it_was_created, HostFixture)
{
    offer("talker", [](ExtensionContext& context) { return context.storage(), "x"; });
    BOOST_TEST(complains("talker", "There is no storage while the storage itself is being created"));
}

BOOST_FIXTURE_TEST_CASE(extensions_go_in_reverse_order, HostFixture)
{
    for (const std::string name : {"one", "two", "three"}) {
        offer(name, [name](auto&) { return name; });
        host->createScheduler(name);
    }
    host.reset();
    BOOST_TEST(gone == (std::vector<std::string>{"three", "two", "one"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_optional_notifier_that_cannot_be_created_is_left_out, HostFixture)
{
    catalog.add(Provider<Notifier>{"pager", "Fails", {}, [](ExtensionContext&) -> std::unique_ptr<Notifier> {
                                       throw std::runtime_error("no modem");
                                   }});
    BOOST_CHECK_THROW(host->createNotifier("pager"), PluginError);
    configuration["notify.pager.optional"] = {"true", "farm.properties:1"};
    host = std::make_unique<plugin::ExtensionHost>(catalog, configuration, secrets, "/var/lib/apb-farm", clock);
    BOOST_TEST(host->createNotifier("pager") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(reports_how_each_extension_behaves, HostFixture)
{
    offer("talker", [](auto&) { return "x"; });
    reasonOf("talker");
    BOOST_TEST(host->reports().size() == 1u);
    BOOST_TEST(host->reports()[0].extension == "scheduler talker");
    BOOST_TEST(host->reports()[0].calls == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
