// SPDX-License-Identifier: MIT
#include "server_application.h"
#include "supervisor.h"

#include <cstring>

int main(int argc, char** argv)
{
    using namespace apbfarm::server;
    if (argc > 1 && std::strcmp(argv[1], kSuperviseArgument) == 0)
        return supervise({argv + 2, argv + argc});
    ServerApplication application;
    return application.run(argc, argv);
}
