// SPDX-License-Identifier: MIT
#include "source_archive.h"

#include "package/archive_handle.h"
#include "util/durable_file.h"
#include "util/text.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

constexpr int kMostEntries = 10'000;
constexpr std::uint64_t kMostBytes = 2ull << 30;
constexpr std::uint64_t kMostRatio = 200;
constexpr std::uint64_t kRatioFrom = 1 << 20;
constexpr std::ptrdiff_t kMostDepth = 32;
constexpr std::size_t kLongestName = 4096;
constexpr std::size_t kLongestComponent = 255;

[[noreturn]] void refuse(const std::string& why)
{
    throw InvalidInput("Could not extract tarball: " + util::oneLine(why, 300), "invalid_tarball");
}

[[noreturn]] void fail(archive* input)
{
    package::blameMemory(input);
    const char* const why = archive_error_string(input);   // none for some damage
    refuse(why ? why : "the archive is damaged");
}

/// Relative and normal, or an exception. Empty for the root itself.
fs::path checkedName(const char* raw)
{
    if (!raw)
        refuse("a name is not readable");
    const std::string_view text = raw;
    if (text.size() > kLongestName || !util::isUtf8(text) || text.find('\\') != std::string_view::npos
        || std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        refuse("a name is too long or holds bytes that names must not have");
    if (text.starts_with('/'))
        refuse("an absolute name: " + std::string(text));
    fs::path name;
    for (const auto& part : fs::path(text)) {
        if (part == "..")
            refuse("a name with '..': " + std::string(text));
        if (part.native().size() > kLongestComponent)
            refuse("a name is too long");
        if (!part.empty() && part != ".")
            name /= part;
    }
    if (std::distance(name.begin(), name.end()) > kMostDepth)
        refuse("folders too deep");
    return name;
}

/// A symbolic link's target seen from the root, or an exception when it leaves.
void checkLink(const fs::path& name, const char* target)
{
    if (!target || fs::path(target).is_absolute() || !*target)
        refuse("a link that leaves the archive: " + name.string());
    int depth = static_cast<int>(std::distance(name.begin(), name.end())) - 1;
    for (const auto& part : fs::path(target)) {
        depth += part == ".." ? -1 : part.empty() || part == "." ? 0 : 1;
        if (depth < 0)
            refuse("a link that leaves the archive: " + name.string());
    }
}

class Unpacking {
public:
    Unpacking(archive* input, fs::path target) : input_(input), target_(std::move(target)) {}

    void run()
    {
        const auto entry = package::entryFor(input_);
        for (int entries = 0;; ++entries) {
            const int result = archive_read_next_header2(input_, entry.get());
            if (result == ARCHIVE_EOF)
                break;
            if (result != ARCHIVE_OK)
                fail(input_);
            if (entries >= kMostEntries)
                refuse("more than " + std::to_string(kMostEntries) + " entries");
            take(entry.get());
        }
        makeLinks();
    }

private:
    void take(archive_entry* entry)
    {
        const auto name = checkedName(archive_entry_pathname(entry));
        if (const char* original = archive_entry_hardlink(entry)) {
            hardLinks_.push_back({name, checkedName(original)});
            return;
        }
        switch (archive_entry_filetype(entry)) {
        case AE_IFDIR: makeFolders(target_ / name); break;
        case AE_IFREG: writeFile(name, archive_entry_perm(entry)); break;
        case AE_IFLNK:
            checkLink(name, archive_entry_symlink(entry));
            symbolicLinks_.push_back({name, archive_entry_symlink(entry)});
            break;
        default: refuse("not a file, folder or link: " + name.string());
        }
    }

    static void makeFolders(const fs::path& folder)
    {
        std::error_code error;
        fs::create_directories(folder, error);
        if (!fs::is_directory(folder))
            refuse("a file where a folder should be");
    }

    void writeFile(const fs::path& name, mode_t mode)
    {
        if (name.empty())
            refuse("a file without a name");
        const auto file = target_ / name;
        makeFolders(file.parent_path());
        const util::UniqueFd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                        mode & 0111 ? 0755 : 0644));
        if (!out && errno == EEXIST)
            refuse("a name that comes twice: " + name.string());
        if (!out)
            throw Unavailable("cannot write " + name.string(), "storage_failed");
        copyContent(out.get());
    }

    void copyContent(int out)
    {
        char buffer[65536];
        for (;;) {
            const auto got = archive_read_data(input_, buffer, sizeof buffer);
            if (got < 0)
                fail(input_);
            if (got == 0)
                return;
            count(static_cast<std::uint64_t>(got));
            util::writeAll(out, {buffer, static_cast<std::size_t>(got)});
        }
    }

    void count(std::uint64_t bytes)
    {
        total_ += bytes;
        const auto packed = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(input_, -1), 1));
        if (total_ > kMostBytes || (total_ > kRatioFrom && total_ / packed > kMostRatio))
            refuse("it unpacks to too much");
    }

    /// Only now: while files are written there is no link that could lead a name astray.
    void makeLinks()
    {
        for (const auto& [name, original] : hardLinks_) {
            makeFolders((target_ / name).parent_path());
            if (!fs::is_regular_file(fs::symlink_status(target_ / original))
                || ::link((target_ / original).c_str(), (target_ / name).c_str()) != 0)
                refuse("a hard link without its file: " + name.string());
        }
        for (const auto& [name, target] : symbolicLinks_)
            makeFolders((target_ / name).parent_path());
        for (const auto& [name, target] : symbolicLinks_)
            if (::symlink(target.c_str(), (target_ / name).c_str()) != 0)
                refuse("a name that comes twice: " + name.string());
    }

    archive* input_;
    fs::path target_;
    std::uint64_t total_ = 0;
    std::vector<std::pair<fs::path, fs::path>> hardLinks_, symbolicLinks_;
};

package::ArchiveReader makeReader()
{
    package::ArchiveReader reader(package::orBadAlloc(archive_read_new()));
    package::orBadAlloc(archive_read_support_filter_gzip(reader.get()));
    package::orBadAlloc(archive_read_support_format_tar(reader.get()));
    return reader;
}

void checkMagic(std::string_view start)
{
    if (!start.starts_with("\x1f\x8b"))
        refuse("not a gzip file");
}

} // namespace

void unpack(int archive, const fs::path& target)
{
    char start[2] = {};
    checkMagic({start, static_cast<std::size_t>(std::max<ssize_t>(::pread(archive, start, 2, 0), 0))});
    ::lseek(archive, 0, SEEK_SET);
    const auto reader = makeReader();
    if (archive_read_open_fd(reader.get(), archive, 65536) != ARCHIVE_OK)
        fail(reader.get());
    Unpacking(reader.get(), target).run();
}

void unpack(std::string_view archive, const fs::path& target)
{
    checkMagic(archive);
    const auto reader = makeReader();
    if (archive_read_open_memory(reader.get(), archive.data(), archive.size()) != ARCHIVE_OK)
        fail(reader.get());
    Unpacking(reader.get(), target).run();
}

} // namespace apbfarm::server
