// SPDX-License-Identifier: MIT
#include "files/artifact_store.h"

#include "files/whole_file.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <mutex>
#include <optional>

namespace apbfarm::files {

namespace {

std::filesystem::path placeOf(const std::filesystem::path& root, const std::string& sha256)
{
    return root / sha256.substr(0, 2) / sha256;
}

void makePlaceFor(const std::filesystem::path& final, const std::filesystem::path& root)
{
    if (std::filesystem::exists(final.parent_path()))
        return;
    util::makePrivateDirectory(final.parent_path());
    util::syncDirectory(root);
}

void checkLength(std::uint64_t size, std::uint64_t expected)
{
    if (size != expected)
        throw InvalidInput("A file has " + std::to_string(size) + " bytes instead of " + std::to_string(expected),
                           "wrong_length");
}

void readAll(int descriptor, const std::string& name, const std::function<void(std::string_view)>& take)
{
    if (!readWhole(descriptor, take))
        throw NotFound(name + " cannot be read", "file_unreadable");
}

/// Gives the opened file, not whatever may have its name by now, a second name. False when that is not possible.
bool linkTo(int descriptor, const std::filesystem::path& final)
{
    const auto opened = "/proc/self/fd/" + std::to_string(descriptor);
    if (::fsync(descriptor) != 0 || ::linkat(AT_FDCWD, opened.c_str(), AT_FDCWD, final.c_str(), AT_SYMLINK_FOLLOW) != 0)
        return false;
    util::syncDirectory(final.parent_path());
    return true;
}

/// The size of a file that was written before that time; empty for a younger one and for none.
std::optional<std::uint64_t> olderSize(const std::filesystem::path& path, Timestamp before)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
        return std::nullopt;
    const auto written = std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec);
    if (written >= before.time_since_epoch())
        return std::nullopt;
    return static_cast<std::uint64_t>(info.st_size);
}

} // namespace

ArtifactWriter::ArtifactWriter(const std::filesystem::path& root, std::shared_mutex& naming)
    : root_(root), naming_(naming), file_(root / "tmp")
{
}

void ArtifactWriter::append(std::string_view bytes)
{
    digest_.update(bytes);
    file_.write(bytes);
}

StoredFile ArtifactWriter::finish(std::uint64_t expectedSize)
{
    checkLength(file_.size(), expectedSize);
    StoredFile stored{digest_.hex(), file_.size()};
    const auto final = placeOf(root_, stored.sha256);
    makePlaceFor(final, root_);
    std::shared_lock lock(naming_);
    file_.commit(final);
    return stored;
}

std::string contentTypeOf(const std::string& filename)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> types{{
        {".log", "text/plain; charset=utf-8"},
        {".tar.zst", "application/zstd"},
        {".tar.xz", "application/x-xz"},
        {".tar.gz", "application/gzip"},
        {".tar.bz2", "application/x-bzip2"},
        {".tar", "application/x-tar"},
    }};
    for (const auto& [ending, type] : types)
        if (filename.ends_with(ending))
            return std::string(type);
    return "application/octet-stream";
}

ArtifactStore::ArtifactStore(std::filesystem::path root) : root_(std::move(root))
{
    util::makePrivateDirectory(root_);
    util::makePrivateDirectory(root_ / "tmp");
}

ArtifactWriter ArtifactStore::begin()
{
    return ArtifactWriter(root_, naming_);
}

StoredFile ArtifactStore::takeOver(const std::filesystem::path& file, std::optional<std::uint64_t> expectedSize,
                                   std::uint64_t reserve)
{
    // Not blocking: opening a pipe would wait for its writer.
    const util::UniqueFd source(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!source || ::fstat(source.get(), &status) != 0 || !S_ISREG(status.st_mode))
        throw NotFound(file.string() + " is not there or cannot be read", "file_not_found");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    checkLength(size, expectedSize.value_or(size));
    util::Sha256 digest;
    readAll(source.get(), file.string(), [&](std::string_view bytes) { digest.update(bytes); });
    const StoredFile stored{digest.hex(), size};
    const auto final = pathOf(stored.sha256);
    makePlaceFor(final, root_);
    if (nameAgain(source.get(), final))
        return stored;
    if (std::filesystem::space(root_).available < reserve + size)
        throw StorageFull("Too little room for a copy of " + file.string());
    return copyOf(source.get(), file.string(), size);
}

/// With a fresh time, which keeps it from being taken for left over before somebody refers to it.
bool ArtifactStore::nameAgain(int descriptor, const std::filesystem::path& final)
{
    std::shared_lock lock(naming_);
    std::error_code absent;
    return (std::filesystem::is_regular_file(final, absent) || linkTo(descriptor, final)) &&
           ::utimensat(AT_FDCWD, final.c_str(), nullptr, 0) == 0;
}

StoredFile ArtifactStore::copyOf(int descriptor, const std::string& name, std::uint64_t size)
{
    auto writer = begin();
    readAll(descriptor, name, [&](std::string_view bytes) { writer.append(bytes); });
    return writer.finish(size);
}

std::filesystem::path ArtifactStore::pathOf(const std::string& sha256) const
{
    return placeOf(root_, sha256);
}

bool ArtifactStore::has(const std::string& sha256) const
{
    std::error_code absent;
    return std::filesystem::is_regular_file(pathOf(sha256), absent);
}

std::vector<std::string> ArtifactStore::listOlderThan(Timestamp before) const
{
    std::vector<std::string> digests;
    for (const auto& folder : std::filesystem::directory_iterator(root_)) {
        if (folder.path().filename().string().size() != 2)
            continue;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            if (olderSize(entry.path(), before))
                digests.push_back(entry.path().filename().string());
    }
    return digests;
}

std::uint64_t ArtifactStore::removeIfOlderThan(const std::string& sha256, Timestamp before)
{
    std::unique_lock lock(naming_);
    const auto path = pathOf(sha256);
    const auto size = olderSize(path, before);
    return size && ::unlink(path.c_str()) == 0 ? *size : 0;
}

void ArtifactStore::sweepTemporaries()
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "tmp"))
        std::filesystem::remove(entry.path(), ignored);
}

} // namespace apbfarm::files
