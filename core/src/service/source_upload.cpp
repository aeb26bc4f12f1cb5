// SPDX-License-Identifier: MIT
#include "service/source_upload.h"

#include "package/source_tarball.h"
#include "package/srcinfo_reader.h"
#include "package/tarball_writer.h"
#include "service/arriving_uploads.h"
#include "util/durable_file.h"
#include "util/sha256_list.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>

#include <utility>

namespace apbfarm::service {

namespace {

/// Hashes on the way what the inspection reads, so that a large file is read once.
class HashingSource final : public package::ByteSource {
public:
    explicit HashingSource(package::ByteSource& inner) : inner_(inner) {}

    std::string_view read() override
    {
        if (piece_.empty())
            piece_ = inner_.read();
        const auto next = piece_.substr(0, kAtOnce);
        piece_.remove_prefix(next.size());
        // Before the inspection looks at it: the digest, of many pieces at once, waits less for what no cache has.
        digest_.update(next);
        return next;
    }
    /// Of everything, also of what the inspection did not ask for.
    std::string finish()
    {
        while (!read().empty()) {
        }
        return digest_.hex();
    }

private:
    static constexpr std::size_t kAtOnce = 64 << 10;   // bytes: still in the cache when they are looked at

    package::ByteSource& inner_;
    std::string_view piece_;
    util::Sha256List digest_;
};

InspectedTarball inspect(const CheckedSource& source, ArrivingUploads* arriving)
{
    if (source.descriptor < 0) {
        package::MemorySource bytes(source.bytes);
        return inspectAndHash(bytes);
    }
    if (arriving)
        if (auto known = arriving->take(source.descriptor))
            return *known;
    package::FileSource bytes(source.descriptor);
    return inspectAndHash(bytes);
}

package::TarballFile tarballFile(std::string name, const UploadedFile& file)
{
    return {std::move(name), file.bytes, file.descriptor};
}

/// The older form: the farm makes the tarball that build servers get (X7).
CheckedSource fromSingleFiles(const SubmitRequest& request, std::uint64_t inMemory, const std::filesystem::path& temporary)
{
    if (request.pkgbuild->filename != "PKGBUILD")
        throw InvalidInput("File must be named 'PKGBUILD'", "invalid_pkgbuild", {{"pkgbuild", "must be named PKGBUILD"}});
    std::vector<package::TarballFile> files{tarballFile("PKGBUILD", *request.pkgbuild)};
    auto total = request.pkgbuild->size;
    bool onDisk = request.pkgbuild->descriptor >= 0;
    for (const auto& source : request.sources) {
        files.push_back(tarballFile(source.filename, source));
        total += source.size;
        onDisk = onDisk || source.descriptor >= 0;
    }
    CheckedSource made;
    if (!onDisk && total <= inMemory) {
        made.bytes = package::writeTarball(files);
        made.size = made.bytes.size();
        return made;
    }
    made.written = util::temporaryFile(temporary);
    package::writeTarball(files, made.written.get());
    made.descriptor = made.written.get();
    struct stat info {};
    ::fstat(made.descriptor, &info);
    made.size = static_cast<std::uint64_t>(info.st_size);
    return made;
}

CheckedSource fromTarball(const UploadedFile& tarball)
{
    CheckedSource source;
    source.descriptor = tarball.descriptor;
    source.size = tarball.size;
    if (tarball.descriptor < 0)
        source.bytes = std::string(tarball.bytes);
    return source;
}

} // namespace

InspectedTarball inspectAndHash(package::ByteSource& bytes)
{
    HashingSource hashing(bytes);
    const auto contents = package::inspectTarball(hashing);
    InspectedTarball inspected;
    inspected.info = package::readPackage(contents.pkgbuild, contents.srcinfo);
    inspected.digest = hashing.finish();
    return inspected;
}

CheckedSource checkUpload(const SubmitRequest& request, std::uint64_t inMemory, const std::filesystem::path& temporary,
                          ArrivingUploads* arriving)
{
    if (!request.tarball && !request.pkgbuild)
        throw InvalidInput("Either build_tarball or pkgbuild must be provided", "missing_upload",
                           {{"build_tarball", "is required"}});
    auto source = request.tarball ? fromTarball(*request.tarball) : fromSingleFiles(request, inMemory, temporary);
    auto inspected = inspect(source, arriving);
    source.digest = std::move(inspected.digest);
    source.info = std::move(inspected.info);
    return source;
}

} // namespace apbfarm::service
