// SPDX-License-Identifier: MIT
#include "util/json_reader.h"

#include "support/short_memory.h"

#include <apbfarm/errors.h>

#include <boost/test/unit_test.hpp>

using namespace apbfarm;

BOOST_AUTO_TEST_SUITE(JsonReader)

BOOST_AUTO_TEST_CASE(a_text_is_not_called_wrong_because_there_is_no_memory_for_it)
{
    for (long at = 1;; ++at) {
        bool blamed = false;
        const bool lacked = test::lacking(at, [&] {
            try {
                util::parseJsonObject(R"({"a": [1, {"b": "a text that does not fit into a string itself"}]})");
            } catch (const InvalidInput&) {
                blamed = true;
            }
        });
        BOOST_TEST(!blamed, "allocation " << at);
        if (!lacked)
            break;
    }
}

BOOST_AUTO_TEST_SUITE_END()
