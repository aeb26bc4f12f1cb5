// SPDX-License-Identifier: MIT
#include "util/durable_file.h"

#include "util/file_failure.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace apbfarm::util {

namespace {

/// Starting write-back while data still arrives makes the final sync a twentieth as long (measured).
constexpr std::uint64_t kWriteBackStep = 8u << 20;

/// Until nothing is left of `bytes`, of which `write` writes some.
template <class F> void writeEach(std::string_view& bytes, F&& write)
{
    while (!bytes.empty()) {
        const auto written = write();
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            failWith("cannot write", written < 0 ? errno : EIO);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace

UniqueFd temporaryFile(const std::filesystem::path& directory)
{
    UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file)
        failWith("No temporary file can be made in " + directory.string(), errno);
    return file;
}

void writeAll(int descriptor, std::string_view bytes)
{
    writeEach(bytes, [&] { return ::write(descriptor, bytes.data(), bytes.size()); });
}

void writeAllAt(int descriptor, std::string_view bytes, std::uint64_t offset)
{
    const auto* const start = bytes.data();
    writeEach(bytes, [&] {
        const auto at = offset + static_cast<std::uint64_t>(bytes.data() - start);
        return ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
    });
}

void syncDirectory(const std::filesystem::path& directory)
{
    // The parent path of a plain file name is empty.
    const auto* name = directory.empty() ? "." : directory.c_str();
    const UniqueFd folder(::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0)
        failWith(std::string("cannot sync ") + name, errno);
}

void makePrivateDirectory(const std::filesystem::path& directory)
{
    std::error_code error;
    if (directory.has_parent_path())
        std::filesystem::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        failWith("cannot make " + directory.string(), errno);
    if (!std::filesystem::is_directory(directory, error))
        failWith(directory.string() + " is not a folder", ENOTDIR);
}

DurableFile::DurableFile(const std::filesystem::path& temporaryDirectory)
    : temporary_(temporaryDirectory / (randomUuid() + ".tmp"))
{
    file_.reset(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file_)
        failWith("cannot create a file in " + temporaryDirectory.string(), errno);
}

DurableFile::~DurableFile()
{
    if (file_)
        ::unlink(temporary_.c_str());
}

DurableFile::DurableFile(DurableFile&&) noexcept = default;

void DurableFile::write(std::string_view bytes)
{
    writeAll(file_.get(), bytes);
    size_ += bytes.size();
    if (size_ - pushed_ >= kWriteBackStep) {
        ::sync_file_range(file_.get(), static_cast<off64_t>(pushed_), static_cast<off64_t>(size_ - pushed_),
                          SYNC_FILE_RANGE_WRITE);
        pushed_ = size_;
    }
}

void DurableFile::commit(const std::filesystem::path& final)
{
    if (::fdatasync(file_.get()) != 0)
        failWith("cannot sync " + temporary_.string(), errno);
    if (::rename(temporary_.c_str(), final.c_str()) != 0)
        failWith("cannot rename to " + final.string(), errno);
    file_.reset();
    syncDirectory(final.parent_path());
}

} // namespace apbfarm::util
