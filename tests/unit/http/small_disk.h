// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace apbfarm::test {

/// Files may not grow beyond it while this lives, as if the disk were full.
struct SmallDisk {
    explicit SmallDisk(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &before);
        const rlimit small{bytes, before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        handler = std::signal(SIGXFSZ, SIG_IGN);
    }
    ~SmallDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
    }
    rlimit before{};
    void (*handler)(int) = SIG_DFL;
};

} // namespace apbfarm::test
