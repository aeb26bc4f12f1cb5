// SPDX-License-Identifier: MIT
#include "util/secret_file.h"

#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace apbfarm::util {

namespace {

constexpr std::size_t kMost = 256 << 10;
constexpr std::size_t kShortestShared = 16, kLongestShared = 256;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why)
{
    throw InvalidInput("'" + file.string() + "' " + why, "secret_file_refused");
}

void checkPrivate(const std::filesystem::path& file, const struct stat& about)
{
    if (!S_ISREG(about.st_mode))
        refuse(file, "is not a file");
    if (::geteuid() != 0 && about.st_uid != 0 && about.st_uid != ::geteuid())
        refuse(file, "belongs to another account; it must be this program's or root's");
    if (about.st_mode & (S_IRWXO | S_IWGRP))
        refuse(file, "holds secrets, but others may read or change it; use: chmod 0600 " + file.string());
}

} // namespace

std::string readSecretFile(const std::filesystem::path& file)
{
    // Without O_NONBLOCK a pipe in its place would hold up the reader.
    const UniqueFd in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat about {};
    if (!in || ::fstat(in.get(), &about) != 0)
        refuse(file, std::string("cannot be read: ") + std::strerror(errno));
    checkPrivate(file, about);
    std::string text(kMost + 1, '\0');
    std::size_t size = 0;
    ssize_t got = 1;
    while (got > 0 && size < text.size()) {
        got = ::read(in.get(), text.data() + size, text.size() - size);
        size += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    if (got < 0)
        refuse(file, std::string("cannot be read: ") + std::strerror(errno));
    if (size > kMost)
        refuse(file, "is too large for a file of secrets");
    text.resize(size);
    return text;
}

std::string faultOfSharedSecret(std::string_view secret)
{
    if (secret.size() < kShortestShared)
        return "it is shorter than " + std::to_string(kShortestShared) + " characters";
    if (secret.size() > kLongestShared)
        return "it is longer than " + std::to_string(kLongestShared) + " characters";
    if (std::ranges::any_of(secret, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
        return "it has blanks or characters that are not visible ASCII";
    return "";
}

FileVersion FileVersion::of(const std::filesystem::path& file)
{
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0)
        return {};
    return {about.st_ino, about.st_size, about.st_ctim.tv_sec, about.st_ctim.tv_nsec};
}

} // namespace apbfarm::util
