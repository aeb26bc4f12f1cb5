// SPDX-License-Identifier: MIT
#include "files/artifact_store.h"

#include <apbfarm/errors.h>

#include <array>

namespace apbfarm::files {

namespace {

std::filesystem::path placeOf(const std::filesystem::path& root, const std::string& sha256)
{
    return root / sha256.substr(0, 2) / sha256;
}

} // namespace

ArtifactWriter::ArtifactWriter(const std::filesystem::path& root) : root_(root), file_(root / "tmp") {}

void ArtifactWriter::append(std::string_view bytes)
{
    digest_.update(bytes);
    file_.write(bytes);
}

StoredFile ArtifactWriter::finish(std::uint64_t expectedSize)
{
    if (file_.size() != expectedSize)
        throw InvalidInput("A file has " + std::to_string(file_.size()) + " bytes instead of " +
                               std::to_string(expectedSize),
                           "wrong_length");
    StoredFile stored{digest_.hex(), file_.size()};
    const auto final = placeOf(root_, stored.sha256);
    if (!std::filesystem::exists(final.parent_path())) {
        util::makePrivateDirectory(final.parent_path());
        util::syncDirectory(root_);
    }
    file_.commit(final);
    return stored;
}

std::string contentTypeOf(const std::string& filename)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> types{{
        {".log", "text/plain; charset=utf-8"},
        {".tar.zst", "application/zstd"},
        {".tar.xz", "application/x-xz"},
        {".tar.gz", "application/gzip"},
        {".tar.bz2", "application/x-bzip2"},
        {".tar", "application/x-tar"},
        {".sig", "application/pgp-signature"},
    }};
    for (const auto& [ending, type] : types)
        if (filename.ends_with(ending))
            return std::string(type);
    return "application/octet-stream";
}

ArtifactStore::ArtifactStore(std::filesystem::path root) : root_(std::move(root))
{
    util::makePrivateDirectory(root_);
    util::makePrivateDirectory(root_ / "tmp");
}

ArtifactWriter ArtifactStore::begin()
{
    return ArtifactWriter(root_);
}

std::filesystem::path ArtifactStore::pathOf(const std::string& sha256) const
{
    return placeOf(root_, sha256);
}

bool ArtifactStore::has(const std::string& sha256) const
{
    std::error_code absent;
    return std::filesystem::is_regular_file(pathOf(sha256), absent);
}

void ArtifactStore::remove(const std::string& sha256)
{
    std::error_code absent;
    std::filesystem::remove(pathOf(sha256), absent);
}

void ArtifactStore::sweepTemporaries()
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "tmp"))
        std::filesystem::remove(entry.path(), ignored);
}

} // namespace apbfarm::files
