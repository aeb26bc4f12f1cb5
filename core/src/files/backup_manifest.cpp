// SPDX-License-Identifier: MIT
#include "files/backup_manifest.h"

#include "files/whole_file.h"
#include "util/file_failure.h"
#include "util/json_reader.h"
#include "util/json_writer.h"
#include "util/secrets.h"
#include "util/text.h"

#include <sys/stat.h>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace apbfarm::files {

namespace {

constexpr int kForm = 1;
constexpr std::size_t kMaxManifest = 1u << 30;

[[noreturn]] void damaged(const std::string& sentence)
{
    throw InvalidInput(sentence, "backup_damaged");
}

std::string contentOf(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        damaged("The backup is damaged, or none: " + file.string() + " is missing or empty");
    return text.str();
}

/// No path of a backup may lead out of it, whoever wrote it (X5).
void checkInside(const std::string& path)
{
    const std::filesystem::path parts(path);
    const bool plain =
        !path.empty() && !parts.is_absolute() && path.find('\0') == path.npos &&
        std::ranges::none_of(parts, [](const auto& part) { return part == ".." || part == "." || part.empty(); });
    if (!plain)
        damaged("The backup names a file outside of itself: '" + util::oneLine(path, 80) + "'");
}

BackupManifest fromJson(const std::string& text)
{
    const auto json = util::parseJsonObject(text, {kMaxManifest, 8});
    if (json->getValue<int>("form") != kForm)
        damaged("The backup was made by a newer program, which is needed to restore it");
    BackupManifest manifest;
    manifest.madeAt = json->getValue<std::string>("made_at");
    manifest.version = json->getValue<std::string>("version");
    manifest.schema = json->getValue<int>("schema");
    manifest.withSecrets = json->getValue<bool>("with_secrets");
    const auto files = json->getArray("files");
    for (unsigned i = 0; i < files->size(); ++i) {
        const auto file = files->getObject(i);
        manifest.files.push_back({file->getValue<std::string>("path"), file->getValue<Poco::UInt64>("size"),
                                  file->getValue<std::string>("sha256"), file->optValue<bool>("read_only", false)});
        checkInside(manifest.files.back().path);
    }
    return manifest;
}

} // namespace

std::string toJson(const BackupManifest& manifest)
{
    util::JsonWriter json;
    json.beginObject().member("form", kForm).member("made_at", manifest.madeAt).member("version", manifest.version);
    json.member("schema", manifest.schema).member("with_secrets", manifest.withSecrets).key("files").beginArray();
    for (const auto& file : manifest.files) {
        json.beginObject().member("path", file.path).member("size", file.size).member("sha256", file.sha256);
        if (file.readOnly)
            json.member("read_only", true);
        json.endObject();
    }
    json.endArray().endObject();
    return json.take() + "\n";
}

BackupManifest readManifest(const std::filesystem::path& backup)
{
    const auto text = contentOf(backup / kManifestName);
    if (contentOf(backup / kManifestDigestName) != util::sha256Hex(text) + "  " + std::string(kManifestName) + "\n")
        damaged("The backup is damaged: its manifest.json is not the one that was written. Take another backup");
    try {
        return fromJson(text);
    } catch (const Poco::Exception& error) {
        damaged("The manifest of the backup cannot be read: " + error.displayText());
    }
}

BackupManifest::File describeFile(const std::filesystem::path& file, std::string name)
{
    const auto source = openToRead(file);
    struct stat info {};
    if (::fstat(source.get(), &info) != 0)
        util::failWith("cannot read " + file.string(), errno);
    BackupManifest::File described{std::move(name), 0, "", (info.st_mode & S_IWUSR) == 0};
    util::Sha256 digest;
    const bool whole = readWhole(source.get(), [&](std::string_view bytes) {
        digest.update(bytes);
        described.size += bytes.size();
    });
    if (!whole)
        util::failWith("cannot read " + file.string(), errno);
    described.sha256 = digest.hex();
    return described;
}

} // namespace apbfarm::files
