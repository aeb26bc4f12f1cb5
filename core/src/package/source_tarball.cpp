// SPDX-License-Identifier: MIT
#include "package/source_tarball.h"

#include "package/archive_handle.h"
#include "package/tar_blocks.h"
#include "package/tar_names.h"
#include "package/tarball_error.h"
#include "package/work_timer.h"

#include <sys/stat.h>

namespace apbfarm::package {

namespace {

/// Goes through one archive from entry to entry.
class Inspection {
public:
    Inspection(ByteSource& source, const TarballLimits& limits, const util::Clock& clock,
               TarballReceiver* receiver = nullptr)
        : limits_(limits), receiver_(receiver), timer_(source, clock, limits.time), unpacked_(timer_, limits), blocks_(unpacked_, limits),
          names_(limits), reader_(orBadAlloc(archive_read_new())), entry_(entryFor(reader_.get()))
    {
    }

    TarballContents run()
    {
        // Nothing but plain tar: what the library does not know it cannot be tricked into.
        orBadAlloc(archive_read_support_format_tar(reader_.get()));
        orBadAlloc(archive_read_support_format_empty(reader_.get()));
        if (openReader(reader_.get(), this, &give) != ARCHIVE_OK)
            failToOpen();
        while (next())
            take(entry_.get());
        if (!havePkgbuild_)
            throw InvalidInput("Tarball must contain a PKGBUILD file", "missing_pkgbuild");
        return std::move(contents_);
    }

private:
    static la_ssize_t give(archive*, void* self, const void** bytes)
    {
        auto& inspection = *static_cast<Inspection*>(self);
        return inspection.caught_.guard(la_ssize_t(-1), [&] {
            inspection.timer_.check();
            const auto piece = inspection.blocks_.next();
            *bytes = piece.data();
            return static_cast<la_ssize_t>(piece.size());
        });
    }

    [[noreturn]] void failToOpen()
    {
        caught_.rethrow();
        if (archive_errno(reader_.get()) == 0)   // for some of its memory it gives no reason
            throw std::bad_alloc();
        fail("not a tar archive");
    }

    [[noreturn]] void fail(const char* why)
    {
        caught_.rethrow();
        blameMemory(reader_.get());
        refuseTarball(why);
    }

    /// False behind the last entry.
    bool next()
    {
        timer_.check();
        blocks_.beginHeaders(static_cast<std::uint64_t>(archive_filter_bytes(reader_.get(), 0)));
        const int result = archive_read_next_header2(reader_.get(), entry_.get());
        const auto start = static_cast<std::uint64_t>(archive_read_header_position(reader_.get()));
        caught_.rethrow();
        if (result == ARCHIVE_EOF) {
            if (archive_format(reader_.get()) != ARCHIVE_FORMAT_EMPTY)
                blocks_.checkEnd(start);
            return false;
        }
        // A warning is about a name that the locale cannot show; the bytes themselves are checked below.
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            fail(contents_.entries == 0 ? "not a tar archive, or a damaged one"
                                        : "the archive is damaged or cut short");
        blocks_.endHeaders(start);
        return true;
    }

    void take(archive_entry* entry)
    {
        if (++contents_.entries > limits_.entries)
            refuseTarball("it has more than " + std::to_string(limits_.entries) + " entries");
        count(archive_entry_size(entry));
        const auto name = names_.normalized(text(archive_entry_pathname_utf8(entry), archive_entry_pathname(entry)));
        const bool isMetadata = name == "PKGBUILD" || name == ".SRCINFO";
        const bool isFile = addName(entry, name);
        if (name == "PKGBUILD" && !isFile)
            refuseTarball("PKGBUILD is not a regular file");
        if (receiver_ && isFile)
            handOver(name);
        else if (isMetadata && isFile)
            keep(name, static_cast<std::uint64_t>(archive_entry_size(entry)));
        else if (archive_read_data_skip(reader_.get()) != ARCHIVE_OK)
            fail("the archive is damaged or cut short");
        havePkgbuild_ = havePkgbuild_ || name == "PKGBUILD";
    }

    void count(la_int64_t size)
    {
        if (size < 0)
            refuseTarball("an entry has a negative size");
        if (static_cast<std::uint64_t>(size) > limits_.unpackedBytes - contents_.unpackedBytes)
            refuseTarball("it unpacks to more than " + std::to_string(limits_.unpackedBytes >> 20) + " MiB");
        contents_.unpackedBytes += static_cast<std::uint64_t>(size);
    }

    /// In a locale that cannot show a name the library has it in one of its two forms only.
    static std::string_view text(const char* utf8, const char* bytes)
    {
        return utf8 ? utf8 : bytes ? bytes : "";
    }

    /// True for a regular file with content of its own.
    bool addName(archive_entry* entry, const std::string& name)
    {
        const auto hardLink = text(archive_entry_hardlink_utf8(entry), archive_entry_hardlink(entry));
        if (!hardLink.empty()) {
            names_.addHardLink(name, hardLink);
            return tellLink(name);
        }
        switch (archive_entry_filetype(entry)) {
        case AE_IFREG: names_.addFile(name); return true;
        case AE_IFDIR: names_.addDirectory(name); return false;
        case AE_IFLNK:
            names_.addSymlink(name, text(archive_entry_symlink_utf8(entry), archive_entry_symlink(entry)));
            return tellLink(name);
        default: refuseTarball(shownName(name) + " is neither a file, a folder nor a link");
        }
    }

    bool tellLink(const std::string& name)
    {
        if (receiver_)
            receiver_->link(name);
        return false;
    }

    void handOver(const std::string& name)
    {
        receiver_->beginFile(name);
        char buffer[16 << 10];
        for (;;) {
            const auto got = archive_read_data(reader_.get(), buffer, sizeof buffer);
            if (got < 0)
                fail("the archive is damaged or cut short");
            if (got == 0)
                return;
            receiver_->bytes({buffer, static_cast<std::size_t>(got)});
        }
    }

    void keep(const std::string& name, std::uint64_t size)
    {
        if (size > limits_.metadataFile)
            throw TooLarge(name + " is larger than " + std::to_string(limits_.metadataFile >> 10) + " KiB");
        std::string content(size, '\0');
        std::size_t have = 0;
        while (have < content.size()) {
            const auto got = archive_read_data(reader_.get(), content.data() + have, content.size() - have);
            if (got <= 0)
                fail("the archive is damaged or cut short");
            have += static_cast<std::size_t>(got);
        }
        if (name == "PKGBUILD")
            contents_.pkgbuild = std::move(content);
        else
            contents_.srcinfo = std::move(content);
    }

    const TarballLimits& limits_;
    TarballReceiver* receiver_;
    WorkTimer timer_;
    GzipReader unpacked_;
    TarBlocks blocks_;
    TarNames names_;
    CaughtException caught_;
    bool havePkgbuild_ = false;
    TarballContents contents_;
    ArchiveReader reader_;   // behind the rest, which freeing it may still use
    ArchiveEntry entry_;
};

} // namespace

TarballContents inspectTarball(ByteSource& source, const TarballLimits& limits, const util::Clock& clock)
{
    return Inspection(source, limits, clock).run();
}

void unpackTarball(ByteSource& source, TarballReceiver& receiver, const TarballLimits& limits, const util::Clock& clock)
{
    Inspection(source, limits, clock, &receiver).run();
}

} // namespace apbfarm::package
