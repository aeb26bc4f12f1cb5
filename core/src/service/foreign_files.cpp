// SPDX-License-Identifier: MIT
#include "service/foreign_files.h"

#include "fleet/server_answers.h"
#include "util/secrets.h"
#include "util/text.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

namespace apbfarm::service {

namespace fs = std::filesystem;

namespace {

/// Empty when there is no regular file; links are not followed.
std::optional<std::int64_t> sizeOf(const fs::path& place)
{
    std::error_code error;
    if (fs::symlink_status(place, error).type() != fs::file_type::regular)
        return std::nullopt;
    const auto size = fs::file_size(place, error);
    return error ? std::nullopt : std::optional(static_cast<std::int64_t>(size));
}

Timestamp changedAt(const fs::path& place)
{
    std::error_code error;
    const auto time = fs::last_write_time(place, error);
    if (error)
        return {};
    const auto system = std::chrono::file_clock::to_sys(time);
    return std::chrono::time_point_cast<Timestamp::duration>(system);
}

class Search {
public:
    Search(const fs::path& folder, const std::function<bool(const BuildId&)>& isEnded)
        : folder_(folder), isEnded_(isEnded)
    {
    }

    void onRecord(const ForeignFile& record)
    {
        known_.emplace(record.build, record.filename);
        if (record.adopted)
            return;
        const auto name = util::oneLine(record.build + "/" + record.filename, 300);
        if (!util::isUuid(record.build) || !fleet::isArtifactName(record.filename))
            return result.unusable.push_back(name + ": not the name of a build's file");
        const auto place = placeOf(record);
        const auto size = sizeOf(place);
        if (!size)
            return result.missing.push_back(name);
        if (record.size >= 0 && record.size != *size)
            return result.unusable.push_back(name + ": " + std::to_string(*size) + " bytes instead of " +
                                             std::to_string(record.size));
        add(record, place, *size);
    }

    void withoutRecord()
    {
        std::error_code error;
        for (fs::directory_iterator builds(folder_, error), end; !error && builds != end; builds.increment(error))
            if (const auto id = builds->path().filename().string(); util::isUuid(id) && isEnded_(id))
                filesOf(id, builds->path());
    }

    ForeignFiles result;

private:
    /// Only a path that ends as the other farm makes them: the database must not lead to any file of the machine.
    fs::path placeOf(const ForeignFile& record) const
    {
        const fs::path ending = fs::path(record.build) / record.filename;
        const fs::path told = record.path;
        const bool plausible = told.is_absolute() && told.parent_path().filename() / told.filename() == ending;
        return plausible && sizeOf(told) ? told : folder_ / ending;
    }

    void filesOf(const BuildId& build, const fs::path& place)
    {
        std::error_code error;
        for (fs::directory_iterator files(place, error), end; !error && files != end; files.increment(error)) {
            const auto name = files->path().filename().string();
            const auto size = sizeOf(files->path());
            if (size && fleet::isArtifactName(name) && !known_.contains({build, name}))
                add({.build = build, .filename = name, .path = files->path().string(),
                     .cachedAt = changedAt(files->path())}, files->path(), *size);
        }
    }

    void add(ForeignFile file, const fs::path& place, std::int64_t size)
    {
        file.size = size;
        result.found.push_back({std::move(file), place});
    }

    const fs::path& folder_;
    const std::function<bool(const BuildId&)>& isEnded_;
    std::set<std::pair<BuildId, std::string>> known_;
};

} // namespace

ForeignFiles findForeignFiles(const std::vector<ForeignFile>& records, const fs::path& folder,
                              const std::function<bool(const BuildId&)>& isEnded)
{
    Search search(folder, isEnded);
    for (const auto& record : records)
        search.onRecord(record);
    search.withoutRecord();
    std::ranges::stable_sort(search.result.found, std::ranges::greater(),
                             [](const FoundFile& found) { return found.file.cachedAt; });
    return std::move(search.result);
}

} // namespace apbfarm::service
