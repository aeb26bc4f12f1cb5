// SPDX-License-Identifier: MIT
#pragma once

#include "proofs/powerloss/records.h"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace apbfarm::proofs::power {

/// What people were told up to some moment: all of it must be true after the power is back.
struct Told {
    std::map<std::string, std::string> accepted;    ///< build: digest of its tarball
    std::set<std::string> cancelled;
    std::map<std::string, std::string> ended;       ///< build: status
    std::vector<std::string> accounts;

    void hear(const Record& record);
};

/// Opens what is left with the farm's own parts and compares. \return what is wrong; empty: nothing
std::string look(const std::filesystem::path& image, const Told& told);

}
