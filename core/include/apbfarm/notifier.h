// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/errors.h>
#include <apbfarm/model.h>

namespace apbfarm {

/// Delivers messages. Who is told about what is the farm's business.
///
/// Called from the notification thread, one call at a time. May block, at most 30 seconds in all.
class APB_FARM_VISIBLE Notifier {
public:
    virtual ~Notifier() = default;

    /// Whether it is configured and wants messages at all. While false, nothing is queued for it.
    virtual bool enabled() = 0;

    /// Returns when the receiver has taken responsibility. Throws `InvalidInput` when this message will never be
    /// accepted (it is put aside); anything else that is thrown means "later", with growing delay up to 24 hours.
    virtual void deliver(const Notification& notification) = 0;
};

} // namespace apbfarm
