// SPDX-License-Identifier: MIT
#include "files/payload_spool.h"

#include "files/whole_file.h"
#include "util/durable_file.h"
#include "util/file_failure.h"
#include "util/sha256_list.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace apbfarm::files {

namespace {

bool isOlderThan(const std::filesystem::path& file, Timestamp before)
{
    struct stat info {};
    return ::stat(file.c_str(), &info) == 0 && static_cast<double>(info.st_mtime) < toEpoch(before);
}

} // namespace

PayloadSpool::PayloadSpool(std::filesystem::path root) : root_(std::move(root))
{
    util::makePrivateDirectory(root_);
    util::makePrivateDirectory(temporaryDirectory());
}

std::filesystem::path PayloadSpool::pathOf(const std::string& digest) const
{
    return root_ / digest.substr(0, 2) / digest;
}

void PayloadSpool::adopt(int descriptor, const std::string& digest)
{
    if (::fdatasync(descriptor) != 0)
        util::failWith("cannot sync an upload", errno);
    const auto final = pathOf(digest);
    const auto folder = final.parent_path();
    if (!std::filesystem::exists(folder)) {
        util::makePrivateDirectory(folder);
        util::syncDirectory(root_);
    }
    name(descriptor, final);
    util::syncDirectory(folder);
}

void PayloadSpool::name(int descriptor, const std::filesystem::path& final)
{
    std::lock_guard lock(naming_);
    const auto open = "/proc/self/fd/" + std::to_string(descriptor);
    if (::linkat(AT_FDCWD, open.c_str(), AT_FDCWD, final.c_str(), AT_SYMLINK_FOLLOW) == 0)
        return;
    // The same content is there already; a fresh time keeps it from being cleaned up meanwhile.
    if (errno != EEXIST || ::utimensat(AT_FDCWD, final.c_str(), nullptr, 0) != 0)
        util::failWith("cannot keep an upload", errno);
}

bool PayloadSpool::has(const std::string& digest) const
{
    std::error_code absent;
    return std::filesystem::is_regular_file(pathOf(digest), absent);
}

util::UniqueFd PayloadSpool::open(const std::string& digest) const
{
    util::UniqueFd file(::open(pathOf(digest).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT)
        throw NotFound("The uploaded sources are gone", "payload_missing");
    if (!file)
        util::failWith("cannot open an upload", errno);
    return file;
}

void PayloadSpool::removeIfOlderThan(const std::string& digest, Timestamp before)
{
    std::lock_guard lock(naming_);
    if (isOlderThan(pathOf(digest), before))
        ::unlink(pathOf(digest).c_str());
}

std::vector<std::string> PayloadSpool::listOlderThan(Timestamp before) const
{
    std::vector<std::string> digests;
    for (const auto& folder : std::filesystem::directory_iterator(root_)) {
        if (folder.path().filename().string().size() != 2)
            continue;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            if (isOlderThan(entry.path(), before))
                digests.push_back(entry.path().filename().string());
        }
    }
    return digests;
}

std::uint64_t PayloadSpool::freeBytes() const
{
    return std::filesystem::space(root_).available;
}

void PayloadSpool::sweepTemporaries()
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(temporaryDirectory()))
        std::filesystem::remove(entry.path(), ignored);
}

std::string payloadDigestOf(const std::filesystem::path& file)
{
    util::Sha256List digest;
    if (!readWhole(openToRead(file).get(), [&](std::string_view bytes) { digest.update(bytes); }))
        util::failWith("cannot read " + file.string(), errno);
    return digest.hex();
}

} // namespace apbfarm::files
