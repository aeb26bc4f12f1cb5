// SPDX-License-Identifier: MIT
#include "service/payloads.h"

#include <apbfarm/errors.h>

#include <sys/stat.h>

#include <algorithm>

namespace apbfarm::service {

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
