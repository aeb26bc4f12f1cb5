// SPDX-License-Identifier: MIT
#include "storage/sqlite_snapshot.h"

#include <apbfarm/errors.h>

#include <stdlib.h>

#include <array>
#include <fstream>

namespace apbfarm::storage {

namespace fs = std::filesystem;

namespace {

class PrivateFolder {
public:
    PrivateFolder()
    {
        auto name = (fs::temp_directory_path() / "apb-farm-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw SqlFailure(SqlFailure::Kind::Passing, "cannot make a temporary folder");
        path_ = name;
    }
    ~PrivateFolder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

bool hasContent(const fs::path& file)
{
    std::error_code absent;
    const auto size = fs::file_size(file, absent);
    return !absent && size > 0;
}

fs::path beside(fs::path file, const char* ending)
{
    return file += ending;
}

/// The file format says in byte 18 whether changes go to a log.
bool usesLog(const fs::path& file)
{
    std::array<char, 20> head{};
    std::ifstream(file, std::ios::binary).read(head.data(), head.size());
    return head[18] == 2;
}

/// Lets `use` have a connection to a private copy of the files, in which a writer's unfinished work may be finished.
template <class Use> void withTwin(const fs::path& file, Use use)
{
    const PrivateFolder folder;
    const auto twin = folder.path() / "farm.db";
    fs::copy_file(file, twin);
    for (const auto* ending : {"-journal", "-wal"})
        if (hasContent(beside(file, ending)))
            fs::copy_file(beside(file, ending), beside(twin, ending));
    SqliteConnection source(twin, SqliteConnection::Use::Write);
    use(source);
}

template <class Use> void withSource(const fs::path& file, Use use)
{
    // Without the memory that users of the log share nobody has it open, and a reader would make it.
    if (usesLog(file) && !fs::exists(beside(file, "-shm")))
        return withTwin(file, use);
    try {
        SqliteConnection source(file, SqliteConnection::Use::Read);
        use(source);
    } catch (const SqlFailure&) {
        if (!hasContent(beside(file, "-journal")))
            throw;
        withTwin(file, use);
    }
}

} // namespace

void takeSnapshot(const fs::path& file, SqliteConnection& copy)
{
    withSource(file, [&](SqliteConnection& source) { copy.copyFrom(source); });
}

void saveSnapshot(const fs::path& file, const fs::path& copy)
{
    try {
        withSource(file, [&](SqliteConnection& source) { source.copyTo(copy); });
    } catch (const SqlFailure& failure) {
        if (failure.kind() == SqlFailure::Kind::Full)
            throw StorageFull("The disk is full: cannot copy " + file.string());
        throw Unavailable("Cannot copy the database " + file.string() + ": " + failure.what(), "storage_failed");
    }
}

} // namespace apbfarm::storage
