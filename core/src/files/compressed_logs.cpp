// SPDX-License-Identifier: MIT
#include "files/compressed_logs.h"

#include "util/durable_file.h"
#include "util/secrets.h"

#include <apbfarm/errors.h>

#include <Poco/DeflatingStream.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace apbfarm::files {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFilesKept = 32;
constexpr std::size_t kLinesAtOnce = 5000;

} // namespace

CompressedLogs::CompressedLogs(LogStore& logs, fs::path folder) : logs_(logs), folder_(std::move(folder))
{
    fs::remove_all(folder_);
    util::makePrivateDirectory(folder_);
}

fs::path CompressedLogs::fileOf(const BuildId& build)
{
    const auto lines = logs_.lineCount(build);
    if (lines == 0)
        throw NotFound("The build has no log yet", "file_not_found", "File not found");
    const auto file = folder_ / (build + "." + std::to_string(lines) + ".gz");
    if (fs::exists(file))
        return file;
    // A name of its own first: two may be asked for at once, and nobody may see half of one.
    const auto fresh = folder_ / (util::randomUuid() + ".new");
    write(build, lines, fresh);
    fs::rename(fresh, file);
    removeOld();
    return file;
}

void CompressedLogs::write(const BuildId& build, std::uint64_t lines, const fs::path& file) const
{
    std::ofstream out(file, std::ios::binary);
    Poco::DeflatingOutputStream packed(out, Poco::DeflatingStreamBuf::STREAM_GZIP);
    for (std::uint64_t next = 0; next < lines;) {
        const auto page = logs_.read(build, next, std::min<std::uint64_t>(kLinesAtOnce, lines - next));
        if (page.lines.empty())
            break;
        for (const auto& line : page.lines)
            packed << line << '\n';
        next += page.lines.size();
    }
    packed.close();
    out.close();
    if (!out || !packed) {
        std::error_code ignored;
        fs::remove(file, ignored);
        throw StorageFull("There is no room to compress the log");
    }
}

void CompressedLogs::removeOld()
{
    std::lock_guard one(cleaning_);
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    for (const auto& entry : fs::directory_iterator(folder_))
        if (entry.path().extension() == ".gz")
            files.emplace_back(entry.last_write_time(), entry.path());
    if (files.size() <= kFilesKept)
        return;
    std::ranges::sort(files);
    std::error_code gone;
    for (std::size_t i = 0; i < files.size() - kFilesKept; ++i)
        fs::remove(files[i].second, gone);
}

} // namespace apbfarm::files
