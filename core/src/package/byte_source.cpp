// SPDX-License-Identifier: MIT
#include "package/byte_source.h"

#include <apbfarm/errors.h>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace apbfarm::package {

namespace {

constexpr std::size_t kPiece = 256 << 10;

} // namespace

std::string_view MemorySource::read()
{
    return std::exchange(bytes_, {});
}

FileSource::FileSource(int descriptor) : descriptor_(descriptor), buffer_(kPiece, '\0') {}

std::string_view FileSource::read()
{
    ssize_t got;
    do
        got = ::pread(descriptor_, buffer_.data(), buffer_.size(), static_cast<off_t>(offset_));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        throw Unavailable(std::string("cannot read a stored file: ") + std::strerror(errno), "storage_failed");
    offset_ += static_cast<std::uint64_t>(got);
    return std::string_view(buffer_).substr(0, static_cast<std::size_t>(got));
}

} // namespace apbfarm::package
