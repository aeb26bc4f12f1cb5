// SPDX-License-Identifier: MIT
#include "storage/lock_file.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace apbfarm::storage {

LockFile::LockFile(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600))
{
    if (!file_)
        throw Unavailable("Cannot open the lock file " + path.string() + ": " + std::strerror(errno), "state_locked");
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) == 0)
        return;
    if (errno == EWOULDBLOCK)
        throw Unavailable("Another farm is running on this state: it holds " + path.string() +
                              ". Stop it first, or give this one a state directory of its own.",
                          "state_locked");
    throw Unavailable("Cannot lock " + path.string() + ": " + std::strerror(errno), "state_locked");
}

} // namespace apbfarm::storage
