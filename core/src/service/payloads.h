// SPDX-License-Identifier: MIT
#pragma once

#include "files/payload_spool.h"
#include "fleet/server_client.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>
#include <apbfarm/storage.h>

#include <string>

namespace apbfarm::service {

/// Sources that cannot be sent as a plain list of files; says why.
class NotFlat : public InvalidInput {
public:
    explicit NotFlat(const std::string& what)
        : InvalidInput("The sources have " + what + ", which a build server that takes no tarballs cannot get",
                       "sources_not_flat")
    {
    }
};

/// The uploaded tarballs, wherever they lie: small ones beside their row, large ones in the spool.
class Payloads {
public:
    Payloads(BuildStore& builds, files::PayloadSpool& spool) : builds_(builds), spool_(spool) {}

    /// Ready to be sent. Throws `NotFound` when it is gone.
    fleet::Payload open(const std::string& digest);

    /// The same as a form of single files, for servers that take no tarball. Throws `NotFlat` when it does not fit in.
    struct Files {
        util::UniqueFd file;
        fleet::FilesForm form;
    };
    Files asFiles(const fleet::HandOver& handOver, const fleet::Payload& payload);

    /// Drops what no live build needs and what is older than `before`.
    void removeUnused(Timestamp before);

private:
    BuildStore& builds_;
    files::PayloadSpool& spool_;
};

} // namespace apbfarm::service
