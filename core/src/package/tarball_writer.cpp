// SPDX-License-Identifier: MIT
#include "package/tarball_writer.h"

#include "package/archive_handle.h"
#include "package/byte_source.h"

#include "util/durable_file.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <set>

namespace apbfarm::package {

namespace {

using Sink = std::function<void(std::string_view)>;

constexpr std::size_t kLongestName = 255;
constexpr auto kCode = "invalid_file_name";

void checkNames(const std::vector<TarballFile>& files)
{
    std::set<std::string_view> names;
    for (const auto& file : files) {
        checkSourceName(file.name);
        if (!names.insert(file.name).second)
            throw InvalidInput("The file name '" + file.name + "' is there twice", kCode);
    }
    if (!names.contains("PKGBUILD"))
        throw InvalidInput("Tarball must contain a PKGBUILD file", "missing_pkgbuild");
}

std::uint64_t sizeOf(const TarballFile& file)
{
    if (file.descriptor < 0)
        return file.bytes.size();
    struct stat status {};
    if (::fstat(file.descriptor, &status) != 0)
        throw Unavailable("cannot read an uploaded file", "storage_failed");
    return static_cast<std::uint64_t>(status.st_size);
}

class Writer {
public:
    explicit Writer(Sink sink) : sink_(std::move(sink)), archive_(orBadAlloc(archive_write_new()))
    {
        check(archive_write_add_filter_gzip(archive_.get()));
        check(archive_write_set_filter_option(archive_.get(), "gzip", "timestamp", nullptr));
        check(archive_write_set_filter_option(archive_.get(), "gzip", "compression-level", "6"));
        check(archive_write_set_format_pax_restricted(archive_.get()));
        check(archive_write_set_bytes_in_last_block(archive_.get(), 1));
        check(archive_write_open(archive_.get(), this, nullptr, &pass, nullptr));
    }

    void add(const TarballFile& file)
    {
        const auto size = sizeOf(file);
        addHeader(file.name, size);
        if (file.descriptor < 0)
            copy(MemorySource(file.bytes), size);
        else
            copy(FileSource(file.descriptor), size);
    }

    void close() { check(archive_write_close(archive_.get())); }

private:
    static la_ssize_t pass(archive*, void* self, const void* bytes, std::size_t size)
    {
        auto& writer = *static_cast<Writer*>(self);
        return writer.caught_.guard(la_ssize_t(-1), [&] {
            writer.sink_({static_cast<const char*>(bytes), size});
            return static_cast<la_ssize_t>(size);
        });
    }

    void addHeader(const std::string& name, std::uint64_t size)
    {
        const ArchiveEntry entry(orBadAlloc(archive_entry_new()));
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_uid(entry.get(), 0);
        archive_entry_set_gid(entry.get(), 0);
        archive_entry_set_uname(entry.get(), "root");
        archive_entry_set_gname(entry.get(), "root");
        archive_entry_set_mtime(entry.get(), 0, 0);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
        check(archive_write_header(archive_.get(), entry.get()));
    }

    template <class Source> void copy(Source&& source, std::uint64_t size)
    {
        std::uint64_t copied = 0;
        for (auto piece = source.read(); !piece.empty(); piece = source.read()) {
            copied += piece.size();
            if (copied > size)
                break;
            if (archive_write_data(archive_.get(), piece.data(), piece.size()) < 0)
                check(ARCHIVE_FATAL);
        }
        if (copied != size)
            throw Unavailable("an uploaded file changed while it was read", "storage_failed");
    }

    void check(int result)
    {
        caught_.rethrow();
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            throw Unavailable("cannot write the tarball", "storage_failed");
    }

    Sink sink_;
    CaughtException caught_;
    ArchiveWriter archive_;   // last: freeing it may still call `pass`
};

void write(const std::vector<TarballFile>& files, Sink sink)
{
    checkNames(files);
    Writer writer(std::move(sink));
    for (const auto& file : files)
        writer.add(file);
    writer.close();
}

} // namespace

void checkSourceName(std::string_view name)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || std::string_view("@._+:-").find(c) != std::string_view::npos;
    };
    if (name.empty() || name.size() > kLongestName || name[0] == '.' || name[0] == '-'
        || !std::ranges::all_of(name, allowed))
        throw InvalidInput("The file name '" + util::oneLine(name, 80) + "' is not allowed", kCode,
                           {{"sources", "has a file name that is not allowed"}});
}

std::string writeTarball(const std::vector<TarballFile>& files)
{
    std::string tarball;
    write(files, [&](std::string_view bytes) { tarball.append(bytes); });
    return tarball;
}

void writeTarball(const std::vector<TarballFile>& files, int descriptor)
{
    write(files, [descriptor](std::string_view bytes) { util::writeAll(descriptor, bytes); });
}

} // namespace apbfarm::package
