// SPDX-License-Identifier: MIT
#include "service/repeat_gate.h"

#include "support/child_process.h"
#include "support/short_memory.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <optional>
#include <thread>

using namespace apbfarm;
using namespace std::chrono_literals;
using service::RepeatGate;

BOOST_AUTO_TEST_SUITE(Repeats)

BOOST_AUTO_TEST_CASE(L13_a_repeat_waits_until_the_first_is_over_and_other_keys_do_not)
{
    RepeatGate gate;
    std::optional<RepeatGate::Turn> first(gate.enter({1, "key"}));
    const auto ofSomebodyElse = gate.enter({2, "key"});
    const auto another = gate.enter({1, "other"});
    std::atomic<bool> entered = false;
    std::jthread repeat([&] {
        const auto turn = gate.enter({1, "key"});
        entered = true;
    });
    BOOST_TEST(!test::eventually([&] { return entered.load(); }, 100ms));
    first.reset();
    BOOST_TEST(test::eventually([&] { return entered.load(); }));
}

BOOST_AUTO_TEST_CASE(L13_a_repeat_neither_waits_for_ever_nor_when_too_many_wait)
{
    RepeatGate impatient(8, 20ms), full(0);
    const auto first = impatient.enter({1, "key"});
    BOOST_CHECK_EXCEPTION(impatient.enter({1, "key"}), Conflict,
                          [](const auto& e) { return e.code() == "request_in_progress"; });
    const auto only = full.enter({1, "key"});
    BOOST_CHECK_THROW(full.enter({1, "key"}), Conflict);
}

BOOST_AUTO_TEST_CASE(L13_a_request_that_found_no_memory_does_not_keep_its_key)
{
    RepeatGate gate(8, 20ms);
    const RepeatGate::Key key{1, "a key that is too long to be kept without memory of its own"};
    for (long at = 1; test::lacking(at, [&] { const auto turn = gate.enter(key); }); ++at)
        BOOST_CHECK_NO_THROW(gate.enter(key));
}

BOOST_AUTO_TEST_SUITE_END()
