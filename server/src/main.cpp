// SPDX-License-Identifier: MIT
#include "server_application.h"
#include "supervisor.h"

#include <cstring>
#include <exception>
#include <iostream>

int main(int argc, char** argv)
{
    using namespace apbfarm::server;
    if (argc > 1 && std::strcmp(argv[1], kSuperviseArgument) == 0)
        return supervise({argv + 2, argv + argc});
    try {
        ServerApplication application;
        return application.run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "apb-server: " << error.what() << "\n";
        return ServerApplication::EXIT_SOFTWARE;
    }
}
