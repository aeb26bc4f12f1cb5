// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/context.h>

#include <chrono>
#include <string>

namespace directory {

/// How to reach a directory and what people are called there; checked.
struct Settings {
    std::string url;                 ///< several are tried in turn
    bool startTls = false;
    bool encrypted = false;          ///< at least one address is
    std::string caFile;

    std::string bindTemplate;        ///< a DN with {name}; empty: people are searched for
    std::string searchBase, searchFilter;
    std::string bindDn, bindPassword;    ///< of the account that searches; empty: anonymous

    std::string nameAttribute, mailAttribute, subjectAttribute;
    std::string adminGroup, requiredGroup, groupFilter;
    std::chrono::milliseconds timeout{};
};

/// Throws `InvalidInput` with the key and what to do.
Settings readSettings(const apbfarm::OptionView& options);

} // namespace directory
