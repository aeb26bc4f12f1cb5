// SPDX-License-Identifier: MIT
#include "app/farm_application.h"

#include <exception>
#include <iostream>

// Poco's macro for this lets what is thrown before the application runs end the process with a signal.
int main(int argc, char** argv)
{
    try {
        apbfarm::app::FarmApplication application;
        return application.run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "apb-farm: " << error.what() << "\n";
        return Poco::Util::Application::EXIT_SOFTWARE;
    }
}
