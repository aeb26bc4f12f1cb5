// SPDX-License-Identifier: MIT
#include "package/folder_archive.h"

#include "package/archive_handle.h"
#include "util/durable_file.h"
#include "util/text.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace apbfarm::package {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kReadSize = 256 << 10;

std::string reasonOf(archive* handle)
{
    const auto* said = archive_error_string(handle);
    return said ? said : "it ends too early";
}

[[noreturn]] void failOn(archive* handle, const std::string& file)
{
    if (archive_errno(handle) == ENOSPC || archive_errno(handle) == EDQUOT)
        throw StorageFull("The disk is full: cannot write " + file);
    throw Unavailable("cannot write " + file + ": " + reasonOf(handle), "storage_failed");
}

[[noreturn]] void damaged(const fs::path& file, const std::string& why)
{
    throw InvalidInput(file.string() + " is damaged or no backup: " + why, "archive_damaged");
}

util::UniqueFd opened(const fs::path& file, int flags)
{
    util::UniqueFd descriptor(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!descriptor)
        throw Unavailable("cannot open " + file.string() + ": " + std::strerror(errno), "storage_failed");
    return descriptor;
}

void packOne(archive* writer, const fs::path& file, const std::string& name)
{
    const auto source = opened(file, O_RDONLY);
    struct stat info {};
    ::fstat(source.get(), &info);
    const ArchiveEntry entry(orBadAlloc(archive_entry_new()));
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), info.st_size);
    archive_entry_set_mtime(entry.get(), info.st_mtime, 0);
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK)
        failOn(writer, name);
    std::vector<char> buffer(kReadSize);
    for (off_t done = 0; done < info.st_size;) {
        const auto got = ::pread(source.get(), buffer.data(), buffer.size(), done);
        if (got <= 0)
            throw Unavailable("cannot read " + file.string(), "storage_failed");
        if (archive_write_data(writer, buffer.data(), static_cast<std::size_t>(got)) != got)
            failOn(writer, name);
        done += got;
    }
}

bool staysInside(const fs::path& name)
{
    return !name.empty() && !name.is_absolute() &&
           std::ranges::none_of(name, [](const auto& part) { return part == ".." || part.empty(); });
}

void unpackOne(archive* reader, const fs::path& file, const fs::path& target)
{
    util::makePrivateDirectory(target.parent_path().parent_path());
    util::makePrivateDirectory(target.parent_path());
    const auto out = opened(target, O_WRONLY | O_CREAT | O_EXCL);
    std::vector<char> buffer(kReadSize);
    for (;;) {
        const auto got = archive_read_data(reader, buffer.data(), buffer.size());
        if (got < 0)
            damaged(file, reasonOf(reader));
        if (got == 0)
            return;
        util::writeAll(out.get(), {buffer.data(), static_cast<std::size_t>(got)});
    }
}

ArchiveReader reading(const fs::path& file)
{
    ArchiveReader reader(orBadAlloc(archive_read_new()));
    orBadAlloc(archive_read_support_format_tar(reader.get()));
    orBadAlloc(archive_read_support_filter_gzip(reader.get()));
    orBadAlloc(archive_read_support_filter_zstd(reader.get()));
    if (archive_read_open_filename(reader.get(), file.c_str(), kReadSize) != ARCHIVE_OK)
        damaged(file, reasonOf(reader.get()));
    return reader;
}

} // namespace

bool isArchiveName(const fs::path& file)
{
    return std::ranges::any_of(std::initializer_list<const char*>{".tar", ".tar.gz", ".tar.zst"},
                               [name = file.string()](const char* ending) { return name.ends_with(ending); });
}

void packFolder(const fs::path& folder, const std::vector<std::string>& names, const fs::path& file)
{
    const auto out = opened(file, O_WRONLY | O_CREAT | O_EXCL);
    const ArchiveWriter writer(orBadAlloc(archive_write_new()));
    orBadAlloc(archive_write_set_format_pax_restricted(writer.get()));
    if (file.string().ends_with(".gz"))
        orBadAlloc(archive_write_add_filter_gzip(writer.get()));
    if (file.string().ends_with(".zst"))
        orBadAlloc(archive_write_add_filter_zstd(writer.get()));
    if (archive_write_open_fd(writer.get(), out.get()) != ARCHIVE_OK)
        failOn(writer.get(), file.string());
    for (const auto& name : names)
        packOne(writer.get(), folder / name, name);
    if (archive_write_close(writer.get()) != ARCHIVE_OK)
        failOn(writer.get(), file.string());
    if (::fsync(out.get()) != 0)
        throw Unavailable("cannot sync " + file.string(), "storage_failed");
}

void unpackFolder(const fs::path& file, const fs::path& folder)
{
    const auto reader = reading(file);
    const auto entry = entryFor(reader.get());
    for (;;) {
        const int code = archive_read_next_header2(reader.get(), entry.get());
        if (code == ARCHIVE_EOF)
            return;
        if (code != ARCHIVE_OK)
            damaged(file, reasonOf(reader.get()));
        const char* name = archive_entry_pathname(entry.get());
        if (!name || archive_entry_filetype(entry.get()) != AE_IFREG || archive_entry_hardlink(entry.get()) || !staysInside(name))
            damaged(file, "it holds something else than plain files: " + util::oneLine(name ? name : "?", 80));
        unpackOne(reader.get(), file, folder / name);
    }
}

} // namespace apbfarm::package
