// SPDX-License-Identifier: MIT
#include "http/receive_buffer.h"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <optional>
#include <string_view>

using namespace apbfarm;

BOOST_AUTO_TEST_SUITE(ReceiveBuffer)

BOOST_AUTO_TEST_CASE(what_nobody_holds_is_written_over)
{
    http::ReceiveBuffer buffer;
    auto* const first = buffer.writable();
    BOOST_TEST(static_cast<const void*>(buffer.writable()) == static_cast<const void*>(first));
}

BOOST_AUTO_TEST_CASE(what_is_shared_stays_as_it_is_also_after_the_buffers_end)
{
    std::optional<http::ReceiveBuffer> buffer(std::in_place);
    auto* const bytes = buffer->writable();
    std::memcpy(bytes, "first", 5);
    const auto shared = buffer->share({bytes, 5});
    BOOST_REQUIRE(shared.owner);
    std::memcpy(buffer->writable(), "other", 5);
    buffer.reset();
    BOOST_TEST(shared.bytes == "first");
}

BOOST_AUTO_TEST_CASE(a_buffer_that_was_let_go_is_used_again)
{
    http::ReceiveBuffer buffer;
    auto* const first = buffer.writable();
    auto shared = buffer.share({first, 1});
    auto* const second = buffer.writable();
    BOOST_TEST(static_cast<const void*>(second) != static_cast<const void*>(first));
    shared = {};
    const auto held = buffer.share({second, 1});
    BOOST_TEST(static_cast<const void*>(buffer.writable()) == static_cast<const void*>(first));
}

BOOST_AUTO_TEST_CASE(bytes_from_elsewhere_have_no_owner)
{
    http::ReceiveBuffer buffer;
    buffer.writable();
    BOOST_TEST(!buffer.share("elsewhere").owner);
    BOOST_TEST(!buffer.share({}).owner);
}

BOOST_AUTO_TEST_SUITE_END()
