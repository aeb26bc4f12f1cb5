// SPDX-License-Identifier: MIT
#include "app/import_report.h"

#include "service/foreign_files.h"
#include "storage/import_check.h"
#include "util/clock.h"

#include <apbfarm/errors.h>

#include <algorithm>
#include <ostream>

namespace apbfarm::app {

namespace {

constexpr std::size_t kExamples = 20;

std::string counted(std::uint64_t number, const std::string& noun, const std::string& plural = {})
{
    return std::to_string(number) + " " + (number == 1 ? noun : plural.empty() ? noun + "s" : plural);
}

std::string bytesInWords(std::uint64_t bytes)
{
    if (bytes < 10'000'000)
        return std::to_string((bytes + 999) / 1000) + " kB";
    return std::to_string((bytes + 500'000) / 1'000'000) + " MB";
}

class Words {
public:
    explicit Words(std::ostream& out) : out_(out) {}

    /// Lines about nothing are left out.
    void line(std::uint64_t number, const std::string& text)
    {
        if (number > 0)
            out_ << "  - " << text << "\n";
    }
    void line(const std::string& text) { line(1, text); }

    void examples(const std::string& heading, const std::vector<std::string>& items)
    {
        if (items.empty())
            return;
        line(heading);
        for (std::size_t i = 0; i < std::min(items.size(), kExamples); ++i)
            out_ << "      " << items[i] << "\n";
        if (items.size() > kExamples)
            out_ << "      and " << items.size() - kExamples << " more\n";
    }

private:
    std::ostream& out_;
};

void describeRows(const storage::ImportReport& report, Words& words)
{
    words.line("keep " + counted(report.users, "account") + ": " +
               counted(report.administrators, "active administrator") + ", " + std::to_string(report.deactivated) + " deactivated, " + std::to_string(report.withoutMails) +
               " without mails");
    words.line("keep " + counted(report.tokens, "session") + ", of which " + std::to_string(report.liveTokens) +
               " are valid");
    words.line("keep " + counted(report.builds, "build") + ": " + std::to_string(report.completed) + " completed, " +
               std::to_string(report.failed) + " failed, " + std::to_string(report.cancelled) + " cancelled");
    words.line(report.goingOn, "go on with " + counted(report.goingOn, "build") + " that build servers have");
    words.line(report.queueRowsClosed, "close " + counted(report.queueRowsClosed, "queue row") +
                                           " as failed: the packages were in the memory of the other farm only");
    words.line(report.timesInText, "turn " + counted(report.timesInText, "time") + " written as text into numbers");
    words.line(report.plainPasswords, "encrypt " + counted(report.plainPasswords, "mail password"));
    words.line(report.repositories,
               "keep " + counted(report.repositories, "package repository", "package repositories"));
    words.examples("keep, without using it:", report.unknown);
}

void describeFiles(const service::ForeignFiles& files, const std::filesystem::path& folder, Words& words)
{
    std::uint64_t bytes = 0;
    for (const auto& found : files.found)
        bytes += static_cast<std::uint64_t>(found.file.size);
    words.line(files.found.size(), "adopt " + counted(files.found.size(), "file") + " (" + bytesInWords(bytes) +
                                       ") of ended builds from " + folder.string());
}

void describe(const storage::ImportReport& report, const service::ForeignFiles& files, const FarmConfig& config,
              std::ostream& out)
{
    Words words(out);
    const auto name = config.database.path.string();
    if (!report.present) {
        out << name << " does not exist; a start would make an empty database.\n";
        return;
    }
    if (report.schema == report.newSchema)
        out << name << " is up to date (schema " << report.schema << "). A start would\n";
    else {
        out << name << (report.schema == 0 ? " was written by an existing farm" : " was written by an older release")
            << ". A start would\n";
        words.line("copy it first (" + bytesInWords(report.bytes) + "), to " + name + ".schema-" +
                   std::to_string(report.schema) + ".<time>.backup");
        words.line("bring it from schema " + std::to_string(report.schema) + " to " + std::to_string(report.newSchema) +
                   " in one transaction");
    }
    describeRows(report, words);
    describeFiles(files, config.cache.directory, words);
}

} // namespace

ImportVerdict checkImport(const FarmConfig& config, std::ostream& out)
try {
    const auto report = storage::checkImport(config.database.path, util::SystemClock().wall());
    service::ForeignFiles files;
    if (config.cache.enabled)
        files = service::findForeignFiles(report.files, config.cache.directory,
                                          [&](const BuildId& id) { return report.ended.contains(id); });
    describe(report, files, config, out);
    if (report.problems.empty() && files.missing.empty() && files.unusable.empty()) {
        out << "No problems were found. Nothing was changed.\n";
        return kImportFine;
    }
    out << "Problems, none of which prevents a start:\n";
    Words words(out);
    for (const auto& problem : report.problems)
        words.line(problem);
    words.examples(counted(files.missing.size(), "file") + " on record but not in the cache:", files.missing);
    words.examples(counted(files.unusable.size(), "file") + " in the cache that cannot be used:", files.unusable);
    out << "Nothing was changed.\n";
    return kImportWithProblems;
} catch (const Error& error) {
    out << error.what() << "\n";
    return kImportRefused;
}

} // namespace apbfarm::app
