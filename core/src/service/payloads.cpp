// SPDX-License-Identifier: MIT
#include "service/payloads.h"

#include "package/source_tarball.h"
#include "util/durable_file.h"
#include "util/text.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>

#include <algorithm>

namespace apbfarm::service {

namespace {

/// It was looked through before it was accepted; writing takes longer than looking.
constexpr package::TarballLimits kUnpacking{.time = std::chrono::minutes(10)};

class FormFiller final : public package::TarballReceiver {
public:
    explicit FormFiller(fleet::FilesForm& form) : form_(form) {}

    void beginFile(const std::string& name) override
    {
        if (const auto slash = name.find('/'); slash != name.npos)
            throw NotFlat("folders ('" + util::oneLine(name.substr(0, slash), 80) + "')");
        if (name.find_first_of("\"\\") != name.npos)
            throw NotFlat("a name that not every server can read (" + util::oneLine(name, 80) + ")");
        form_.beginFile(name);
    }
    void bytes(std::string_view piece) override { form_.append(piece); }
    void link(const std::string& name) override { throw NotFlat("links ('" + util::oneLine(name, 80) + "')"); }

private:
    fleet::FilesForm& form_;
};

} // namespace

fleet::Payload Payloads::open(const std::string& digest)
{
    fleet::Payload payload;
    if (auto bytes = builds_.inlinePayload(digest)) {
        payload.bytes = std::move(*bytes);
        payload.size = payload.bytes.size();
        return payload;
    }
    if (!spool_.has(digest))
        throw NotFound("The uploaded sources are gone", "payload_missing");
    payload.file = spool_.open(digest);
    struct stat info {};
    ::fstat(payload.file.get(), &info);
    payload.size = static_cast<std::uint64_t>(info.st_size);
    return payload;
}

Payloads::Files Payloads::asFiles(const fleet::HandOver& handOver, const fleet::Payload& payload)
{
    auto file = util::temporaryFile(spool_.temporaryDirectory());
    fleet::FilesForm form(handOver, file.get());
    Files files{std::move(file), std::move(form)};
    FormFiller filler(files.form);
    if (payload.file) {
        package::FileSource bytes(payload.file.get());
        package::unpackTarball(bytes, filler, kUnpacking);
    } else {
        package::MemorySource bytes(payload.bytes);
        package::unpackTarball(bytes, filler, kUnpacking);
    }
    files.form.finish();
    return files;
}

void Payloads::removeUnused(Timestamp before)
{
    builds_.removeUnusedPayloads(before);
    const auto stored = spool_.listOlderThan(before);
    const auto used = builds_.payloadsInUse(stored);
    for (const auto& digest : stored)
        if (std::ranges::find(used, digest) == used.end())
            spool_.removeIfOlderThan(digest, before);
}

} // namespace apbfarm::service
