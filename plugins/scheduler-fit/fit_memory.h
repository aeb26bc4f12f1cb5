// SPDX-License-Identifier: MIT
#pragma once

#include "estimates.h"

#include <apbfarm/storage.h>

namespace fit {

/// What was learned, in the tables `fit_packages` and `fit_servers`. Used by one thread.
class FitMemory {
public:
    explicit FitMemory(apbfarm::Storage& storage);

    /// False when nothing was stored yet.
    bool restore(Estimates& estimates);
    /// Replaces what is stored of these, in one transaction.
    void store(const std::map<Estimates::Package, Learned>& packages, const std::map<std::string, Learned>& servers);

private:
    apbfarm::ModuleTables& tables_;
};

} // namespace fit
