// SPDX-License-Identifier: MIT
#include "app/control_socket.h"

#include "support/short_memory.h"
#include "support/temp_dir.h"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace apbfarm;

BOOST_AUTO_TEST_SUITE(ControlSockets)

BOOST_AUTO_TEST_CASE(the_socket_goes_without_memory)
{
    const test::TempDir folder;
    auto socket = std::make_unique<app::ControlSocket>(folder.path(), [](const std::string& question) { return question; });
    BOOST_TEST(app::askFarm(folder.path(), "who").value_or("") == "who");
    test::lacking(1, [&] { socket.reset(); }, test::kWithoutEnd);
    BOOST_TEST(!app::askFarm(folder.path(), "who"));
}

BOOST_AUTO_TEST_SUITE_END()
