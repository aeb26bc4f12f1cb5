// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE apb_farm
#include <boost/test/unit_test.hpp>
