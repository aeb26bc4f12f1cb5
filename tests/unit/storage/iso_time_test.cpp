// SPDX-License-Identifier: MIT
#include "storage/iso_time.h"

#include "storage/sql_value.h"

#include <boost/test/unit_test.hpp>

using namespace apbfarm;
using namespace apbfarm::storage;

BOOST_AUTO_TEST_SUITE(IsoTime)

BOOST_AUTO_TEST_CASE(reads_what_an_existing_farm_wrote_into_number_columns)
{
    const auto time = parseStoredTime("2026-11-21T20:49:52.171154+00:00");
    BOOST_REQUIRE(time);
    BOOST_TEST(time->time_since_epoch().count() == 1'795'294'192'171'154);
}

BOOST_AUTO_TEST_CASE(reads_offsets_missing_fractions_and_numbers)
{
    const auto expected = fromSeconds(1'705'744'800);
    for (const auto* text : {"2024-01-20T10:00:00Z", "2024-01-20 10:00:00", "2024-01-20T12:00:00+02:00",
                             "2024-01-20T05:30:00-0430", "2024-01-20T10:00:00.000", "1705744800", "1705744800.0"})
        BOOST_CHECK_MESSAGE(parseStoredTime(text) == expected, text);
}

BOOST_AUTO_TEST_CASE(takes_nothing_else_for_a_time)
{
    for (const auto* text : {"", "None", "2024-01-20", "2024-02-30T10:00:00Z", "2024-01-20T25:00:00Z",
                             "2024-01-20T10:00:00.Z", "2024-01-20T10:00:00Zx", "-024-01-20T10:00:00Z", "nan", "inf"})
        BOOST_CHECK_MESSAGE(!parseStoredTime(text), text);
}

BOOST_AUTO_TEST_CASE(a_time_comes_back_to_the_microsecond)
{
    for (std::int64_t micros = 1'800'000'000'000'000; micros < 1'800'000'000'002'000; ++micros) {
        const Timestamp time{std::chrono::microseconds(micros)};
        BOOST_REQUIRE(fromSeconds(toEpoch(time)) == time);
    }
}

BOOST_AUTO_TEST_SUITE_END()
