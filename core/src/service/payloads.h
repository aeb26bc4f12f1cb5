// SPDX-License-Identifier: MIT
#pragma once

#include "files/payload_spool.h"
#include "fleet/server_client.h"

#include <apbfarm/storage.h>

#include <string>

namespace apbfarm::service {

/// The uploaded tarballs, wherever they lie: small ones beside their row, large ones in the spool.
class Payloads {
public:
    Payloads(BuildStore& builds, files::PayloadSpool& spool) : builds_(builds), spool_(spool) {}

    /// Ready to be sent. Throws `NotFound` when it is gone.
    fleet::Payload open(const std::string& digest);

    /// Drops what no live build needs and what is older than `before`.
    void removeUnused(Timestamp before);

private:
    BuildStore& builds_;
    files::PayloadSpool& spool_;
};

} // namespace apbfarm::service
