// SPDX-License-Identifier: MIT
#include "http/spool_file.h"

#include "util/durable_file.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace apbfarm::http {

namespace {

constexpr std::uint64_t kWriteBackStep = 8 << 20;

/// For file systems without O_TMPFILE: created exclusively with mode 0600, its name gone at once.
int openNamed(const std::filesystem::path& directory)
{
    auto name = (directory / "body-XXXXXX").string();
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0)
        ::unlink(name.c_str());
    return fd;
}

} // namespace

SpoolFile::SpoolFile(const std::filesystem::path& directory)
    : file_(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600))
{
    if (!file_)
        file_.reset(openNamed(directory));
    if (file_)
        return;
    if (errno == ENOSPC || errno == EDQUOT)
        throw StorageFull("There is no room for uploads at the moment.");
    throw Unavailable("Uploads cannot be stored at the moment.", "spool_unavailable");
}

void SpoolFile::write(std::string_view bytes)
{
    util::writeAll(file_.get(), bytes);
    size_ += bytes.size();
    if (size_ - pushed_ >= kWriteBackStep)
        startWriteBack();
}

void SpoolFile::startWriteBack()
{
    ::sync_file_range(file_.get(), static_cast<off64_t>(pushed_), static_cast<off64_t>(size_ - pushed_),
                      SYNC_FILE_RANGE_WRITE);
    pushed_ = size_;
}

void SpoolFile::finish()
{
    startWriteBack();
    ::lseek(file_.get(), 0, SEEK_SET);
}

} // namespace apbfarm::http
