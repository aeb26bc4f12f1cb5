// SPDX-License-Identifier: MIT
#pragma once

#include "fleet/server_client.h"
#include "util/unique_fd.h"

#include <apbfarm/errors.h>
#include <apbfarm/storage.h>

#include <string>

namespace apbfarm::service {

class NotFlat : public InvalidInput {
public:
    explicit NotFlat(const std::string& what) : InvalidInput(what, "sources_not_flat") {}
};

/// Stands for the farm's own: every build has its tarball, and one in eight cannot be sent as single files.
class Payloads {
public:
    fleet::Payload open(const std::string& digest);

    struct Files {
        util::UniqueFd file;
        fleet::FilesForm form;
    };
    Files asFiles(const fleet::HandOver& handOver, const fleet::Payload& payload);
};

} // namespace apbfarm::service
