// SPDX-License-Identifier: MIT
#pragma once

#include "files/payload_spool.h"
#include "fleet/fleet.h"
#include "service/admin_alerts.h"

#include <cstdint>

namespace apbfarm::service {

/// Looks at what administrators want to hear about: build servers and the disk.
class FarmWatch {
public:
    /// `reserve`: bytes below which the farm accepts nothing new; twice that is "nearly full".
    FarmWatch(AdminAlerts& alerts, const fleet::Fleet& fleet, const files::PayloadSpool& spool, std::uint64_t reserve)
        : alerts_(alerts), fleet_(fleet), spool_(spool), reserve_(reserve)
    {
    }

    void look();

private:
    void lookAt(const fleet::ServerView& server);
    void lookAtDisk();

    AdminAlerts& alerts_;
    const fleet::Fleet& fleet_;
    const files::PayloadSpool& spool_;
    const std::uint64_t reserve_;
    bool diskIsLow_ = false;
};

} // namespace apbfarm::service
