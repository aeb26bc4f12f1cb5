// SPDX-License-Identifier: MIT
// What a library that is loaded before libc needs to stand around its calls.
#pragma once

#include <dlfcn.h>
#include <fcntl.h>

#include <cstdarg>

namespace apbfarm::proofs::preload {

/// The call of that name that comes after ours. The caller keeps it.
template <class F> F* real(const char* name)
{
    return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

/// The argument behind the flags of an open, 0 where there is none.
inline mode_t modeOf(int flags, va_list arguments)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

}

#define APBFARM_WRAPS_OPEN(name, parameters, arguments, around)                                                        \
    int name parameters                                                                                                \
    {                                                                                                                  \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        const mode_t mode = apbfarm::proofs::preload::modeOf(flags, more);                                             \
        va_end(more);                                                                                                  \
        static const auto call = apbfarm::proofs::preload::real<int parameters>(#name);                                \
        return around(path, flags, [&] { return call arguments; });                                                    \
    }

/// Defines all that open a file by its name; AROUND(path, flags, call) says what is done and returns what they return.
#define APBFARM_WRAPS_OPENS(around)                                                                                    \
    APBFARM_WRAPS_OPEN(open, (const char* path, int flags, ...), (path, flags, mode), around)                          \
    APBFARM_WRAPS_OPEN(open64, (const char* path, int flags, ...), (path, flags, mode), around)                        \
    APBFARM_WRAPS_OPEN(openat, (int folder, const char* path, int flags, ...), (folder, path, flags, mode), around)    \
    APBFARM_WRAPS_OPEN(openat64, (int folder, const char* path, int flags, ...), (folder, path, flags, mode), around)
