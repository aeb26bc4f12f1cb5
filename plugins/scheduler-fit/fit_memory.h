// SPDX-License-Identifier: MIT
#pragma once

#include "estimates.h"

#include <apbfarm/storage.h>

namespace fit {

/// All or a part of what was learned.
struct Knowledge {
    std::map<Estimates::Package, Learned> packages, packageMemory;
    std::map<std::string, Learned> servers, serverMemory;
};

/// What was learned, in tables whose names begin with `fit_`. Used by one thread.
class FitMemory {
public:
    explicit FitMemory(apbfarm::Storage& storage);

    /// Empty maps when nothing was stored yet.
    Knowledge restore();
    /// Replaces what is stored of these, in one transaction.
    void store(const Knowledge& knowledge);

private:
    apbfarm::ModuleTables& tables_;
};

} // namespace fit
