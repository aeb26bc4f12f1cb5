// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace apbfarm::util {

/// Throws `StorageFull` when that is what `error` means, otherwise `Unavailable`.
[[noreturn]] inline void failWith(const std::string& what, int error)
{
    if (error == ENOSPC || error == EDQUOT)
        throw StorageFull("The disk is full: " + what);
    throw Unavailable(what + ": " + std::strerror(error), "storage_failed");
}

} // namespace apbfarm::util
