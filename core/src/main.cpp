// SPDX-License-Identifier: MIT
#include "app/farm_application.h"

#include <iostream>   // the macro below writes to std::cerr

POCO_SERVER_MAIN(apbfarm::app::FarmApplication)
