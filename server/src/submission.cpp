// SPDX-License-Identifier: MIT
#include "submission.h"

#include "file_names.h"
#include "form_fields.h"
#include "server_errors.h"
#include "source_archive.h"

#include "package/pkgbuild_reader.h"
#include "util/secrets.h"
#include "util/text.h"

#include <fstream>
#include <iterator>
#include <set>

namespace apbfarm::server {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kShortestSilence{60}, kLongestSilence{86400};

std::string checkedId(const HttpRequest& request)
{
    auto id = textOf(request, "build_id");
    if (id.empty())
        throw BadValue::missing("build_id");
    if (!util::isUuid(id))
        throw Refusal(400, "Invalid build ID", "build_id must be a UUID in lower case");
    return id;
}

std::chrono::seconds checkedTimeout(const HttpRequest& request, const Settings& settings)
{
    const auto text = textOf(request, "build_timeout");
    if (text.empty())
        return settings.buildTimeout;
    const bool negative = text.starts_with('-');
    const auto value = util::parseUnsigned(negative ? std::string_view(text).substr(1) : std::string_view(text));
    if (!value)
        throw BadValue::notInteger(BadValue::In::Body, "build_timeout");
    const auto shortest = static_cast<std::uint64_t>(settings.minBuildTimeout.count());
    const auto longest = static_cast<std::uint64_t>(settings.maxBuildTimeout.count());
    if (negative || *value < shortest || *value > longest)
        throw Refusal(400, "Invalid timeout", "Build timeout must be between " + std::to_string(shortest) + " and "
                                                  + std::to_string(longest) + " seconds");
    return std::chrono::seconds(*value);
}

std::string readPkgbuild(const fs::path& file)
{
    if (!fs::is_regular_file(fs::symlink_status(file)))
        throw Refusal(400, "Invalid tarball", "Tarball must contain a PKGBUILD file");
    if (fs::file_size(file) > package::kMaxPkgbuild)
        throw Refusal(413, "File too large", "PKGBUILD exceeds " + std::to_string(package::kMaxPkgbuild) + " bytes");
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// `apb_output_timeout` of the PKGBUILD: seconds of silence that are fine. Anything but a plain number is ignored.
std::chrono::seconds silenceLimit(const std::string& pkgbuild, std::chrono::seconds otherwise)
{
    constexpr std::string_view name = "apb_output_timeout=";
    for (std::size_t start = 0; start < pkgbuild.size();) {
        const auto end = std::min(pkgbuild.find('\n', start), pkgbuild.size());
        auto line = std::string_view(pkgbuild).substr(start, end - start);
        start = end + 1;
        if (!line.starts_with(name))
            continue;
        auto value = util::trim(line.substr(name.size(), line.find('#') - name.size()));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        if (const auto number = util::parseUnsigned(value, kLongestSilence.count());
            number && std::chrono::seconds(*number) >= kShortestSilence)
            return std::chrono::seconds(*number);
    }
    return otherwise;
}

} // namespace

BuildId Submission::accept(const HttpRequest& request)
{
    auto record = recordOf(request);
    const auto reservation = table_.reserve(record.id);
    if (!reservation)
        throw Refusal(400, "Build ID already exists", "Build " + record.id + " is known to this server");
    const auto sources = reservation->folder().sources();
    storeSources(request, sources);
    describe(record, sources);
    table_.accept(*reservation, record);
    return record.id;
}

BuildRecord Submission::recordOf(const HttpRequest& request) const
{
    BuildRecord record;
    record.id = checkedId(request);
    record.timeout = checkedTimeout(request, settings_);
    record.extraRepos = checkedRepositories(textOf(request, "extra_repos"));
    record.createdAt = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    return record;
}

void Submission::storeSources(const HttpRequest& request, const fs::path& folder) const
{
    if (const auto* tarball = findPart(request, "build_tarball", true)) {
        try {
            tarball->inMemory() ? unpack(tarball->text(), folder) : unpack(tarball->descriptor(), folder);
        } catch (const InvalidInput& error) {
            throw Refusal(400, "Invalid tarball", error.what());
        }
        return;
    }
    const auto* pkgbuild = findPart(request, "pkgbuild", true);
    if (!pkgbuild)
        throw Refusal(400, "No build files provided", "Either build_tarball or pkgbuild must be provided");
    storeLegacyFiles(request, *pkgbuild, folder);
}

void Submission::storeLegacyFiles(const HttpRequest& request, const FormPart& pkgbuild, const fs::path& folder) const
{
    if (!util::equalsIgnoringCase(pkgbuild.filename(), "PKGBUILD"))
        throw Refusal(400, "Invalid PKGBUILD file", "File must be named 'PKGBUILD'");
    storePart(pkgbuild, folder / "PKGBUILD");
    std::set<std::string> taken{"PKGBUILD"};
    for (const auto& part : request.parts()) {
        if (part->name() != "sources" || !part->isFile())
            continue;
        if (!isPlainName(part->filename()))
            throw Refusal(400, "Invalid source file", "A source file has a name that is not allowed");
        if (!taken.insert(part->filename()).second)
            throw Refusal(400, "Invalid source file", "Two files are named " + part->filename());
        storePart(*part, folder / part->filename());
    }
}

void Submission::describe(BuildRecord& record, const fs::path& sources) const
{
    const auto text = readPkgbuild(sources / "PKGBUILD");
    try {
        // What is odd in it is makepkg's to refuse, with words of its own in the log.
        const auto findings = package::examinePkgbuild(text);
        record.pkgname = findings.info.pkgname;
        record.architectures = findings.info.architectures;
    } catch (const Error& error) {
        throw Refusal(400, "Invalid PKGBUILD file", error.what());
    }
    if (record.pkgname.empty())
        throw Refusal(400, "Invalid PKGBUILD file", "Missing required pkgname field");
    record.outputTimeout = silenceLimit(text, settings_.outputTimeout);
}

} // namespace apbfarm::server
