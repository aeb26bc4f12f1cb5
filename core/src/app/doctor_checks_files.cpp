// SPDX-License-Identifier: MIT
// What lies on the disk: who may touch it, and whether it is what the database says.
#include "app/doctor_checks.h"

#include "files/backup_manifest.h"
#include "files/payload_spool.h"
#include "util/text.h"

#include <sys/stat.h>

#include <cstring>
#include <fstream>

namespace apbfarm::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kExamples = 5;

std::string octal(mode_t mode)
{
    char text[16];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
    return text;
}

/// Sockets, temporary files of a running farm and the like come and go while one looks.
void lookAt(const fs::path& place, uid_t owner, std::vector<std::string>& faults)
{
    struct stat info {};
    if (::lstat(place.c_str(), &info) != 0)
        return;
    const bool folder = S_ISDIR(info.st_mode);
    if ((info.st_mode & 077) != 0)
        faults.push_back(place.string() + " has the mode " + octal(info.st_mode) + " (chmod " +
                         (folder ? "0700)" : "0600)"));
    if (info.st_uid != owner)
        faults.push_back(place.string() + " belongs to the account with the number " + std::to_string(info.st_uid) +
                         " (chown " + std::to_string(owner) + ")");
}

class FileCheck {
public:
    FileCheck(const StateLayout& layout, const storage::DatabaseFacts& facts, bool deep)
        : layout_(layout), facts_(facts), deep_(deep)
    {
    }

    std::vector<std::string> uploads() const
    {
        std::vector<std::string> faults;
        for (const auto& upload : facts_.uploads)
            complain(layout_.upload(upload.digest), upload, "the upload of build " + upload.build,
                     files::payloadDigestOf, faults);
        return faults;
    }

    std::vector<std::string> artifacts() const
    {
        std::vector<std::string> faults;
        for (const auto& artifact : facts_.artifacts)
            complain(layout_.artifact(artifact.digest), artifact, artifact.name + " of build " + artifact.build,
                     sha256Of, faults);
        return faults;
    }

    /// Logs have no digest; a complete one ends with a line.
    std::vector<std::string> logs() const
    {
        std::vector<std::string> faults;
        forEachKept(layout_, "logs", [&](const fs::path& file) {
            struct stat info {};
            if (::stat(file.c_str(), &info) != 0 || info.st_size == 0 || (info.st_mode & S_IWUSR) != 0)
                return;
            char last = 0;
            std::ifstream in(file, std::ios::binary);
            in.seekg(-1, std::ios::end).get(last);
            if (last != '\n')
                faults.push_back(file.string() + " is cut off");
        });
        return faults;
    }

    /// What nothing refers to, and is old enough for that to be no accident of the moment.
    std::vector<std::string> orphans() const
    {
        std::vector<std::string> names;
        for (const auto* folder : {"payloads", "artifacts"})
            forEachKept(layout_, folder, [&](const fs::path& file) {
                if (!facts_.digests.contains(file.filename().string()) && isOld(file))
                    names.push_back(file.string());
            });
        forEachKept(layout_, "logs", [&](const fs::path& file) {
            if (!facts_.builds.contains(file.stem().string()) && isOld(file))
                names.push_back(file.string());
        });
        return names;
    }

private:
    using DigestOf = std::string(const fs::path& file);

    static std::string sha256Of(const fs::path& file) { return files::describeFile(file, "").sha256; }

    void complain(const fs::path& file, const storage::DatabaseFacts::File& expected, const std::string& what,
                  DigestOf digestOf, std::vector<std::string>& faults) const
    {
        std::error_code absent;
        const auto size = fs::file_size(file, absent);
        if (absent)
            faults.push_back(what + " is missing (" + file.string() + ")");
        else if (expected.size >= 0 && size != static_cast<std::uintmax_t>(expected.size))
            faults.push_back(what + " has " + std::to_string(size) + " bytes instead of " +
                             std::to_string(expected.size));
        else if (deep_ && digestOf(file) != expected.digest)
            faults.push_back(what + " is not what was stored (" + file.string() + ")");
    }

    static bool isOld(const fs::path& file)
    {
        std::error_code absent;
        const auto written = fs::last_write_time(file, absent);
        return !absent && fs::file_time_type::clock::now() - written > std::chrono::hours(24);
    }

    const StateLayout& layout_;
    const storage::DatabaseFacts& facts_;
    const bool deep_;
};

} // namespace

void Findings::summarize(const std::string& check, Verdict verdict, const std::vector<std::string>& faults,
                         const std::string& allIsWell, const std::string& remedy)
{
    if (faults.empty())
        return ok(check, allIsWell);
    const auto end = faults.begin() + static_cast<std::ptrdiff_t>(std::min(kExamples, faults.size()));
    auto text = util::join({faults.begin(), end}, "; ");
    if (faults.size() > kExamples)
        text += "; and " + std::to_string(faults.size() - kExamples) + " more";
    list_.push_back({check, verdict, text, remedy});
}

void checkFolders(const StateLayout& layout, Findings& findings)
{
    struct stat info {};
    if (::stat(layout.directory.c_str(), &info) != 0)
        return findings.fail("folders", layout.directory.string() + ": " + std::strerror(errno),
                             "A first start of the farm makes it; check state.directory if there was one");
    std::vector<std::string> faults;
    lookAt(layout.directory, info.st_uid, faults);
    lookAt(layout.database, info.st_uid, faults);
    for (const auto& entry : fs::directory_iterator(layout.directory))
        lookAt(entry.path(), info.st_uid, faults);
    for (const auto* folder : kKeptFolders)
        if (fs::exists(layout.directory / folder))
            for (const auto& entry : fs::recursive_directory_iterator(layout.directory / folder))
                lookAt(entry.path(), info.st_uid, faults);
    findings.summarize("folders", Verdict::Fail, faults, layout.directory.string() + " is private",
                       "Do what stands in brackets: nobody else may read or change the farm's state");
}

void checkInterruptions(const StateLayout& layout, Findings& findings)
{
    if (fs::exists(layout.restoreMark()))
        findings.fail("restore", "A restore was interrupted, the farm will not start",
                      "Run the same apb-farm restore again, which completes it");
    if (fs::exists(layout.nextKey()))
        findings.warn("key exchange", "An exchange of the key was interrupted; two keys are in use",
                      "Stop the farm and run apb-farm secrets rotate, which completes it");
}

void checkDisk(const FarmConfig& config, Findings& findings)
{
    const auto free = fs::space(config.state.directory).available, reserve = config.limits.storageReserve;
    const auto text = std::to_string(free >> 20) + " MB free, of which " + std::to_string(reserve >> 20) +
                      " MB are kept for builds that were accepted";
    const std::string remedy = "Make room, or lower cache.maxSize or cache.retentionDays and reload";
    if (free < reserve)
        findings.fail("disk", text + ": submissions are refused", remedy);
    else if (free < 2 * reserve)
        findings.warn("disk", text, remedy);
    else
        findings.ok("disk", text);
}

void checkFiles(const StateLayout& layout, const storage::DatabaseFacts& facts, bool deep, Findings& findings)
{
    const FileCheck check(layout, facts, deep);
    const std::string how = deep ? " read and compared" : " looked at";
    findings.summarize("uploads", Verdict::Fail, check.uploads(), std::to_string(facts.uploads.size()) + how,
                       "Take the file from a backup, or cancel the build and submit it again");
    findings.summarize("packages", Verdict::Fail, check.artifacts(), std::to_string(facts.artifacts.size()) + how,
                       "Take the file from a backup, or build the package again");
    findings.summarize("logs", Verdict::Warn, check.logs(), "all complete", "Take the file from a backup");
    findings.summarize("left over", Verdict::Warn, check.orphans(), "nothing",
                       "The farm removes uploads and packages by itself; logs of no build can be deleted");
}

} // namespace apbfarm::app
