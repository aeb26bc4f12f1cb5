// SPDX-License-Identifier: MIT
#pragma once

#include "http/deadline_wheel.h"
#include "http/quota.h"
#include "http/stream_hub.h"

#include <apbfarm/http.h>

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace apbfarm::http {

/// One reader of an event stream: where it is, and the shared block it is being sent. Holds no bytes of its own.
struct Viewer {
    static constexpr std::size_t kNotParked = SIZE_MAX;

    /// Puts the block's pieces behind what stands in `pieces`, without those bytes that are sent. Returns their number.
    int gather(iovec* pieces) const;
    void load(EventBlock next);
    bool isBusy() const { return block.bytes != nullptr; }
    std::size_t wireSize() const { return prefixLength + block.bytes->size() + suffix().size(); }
    std::string_view suffix() const;

    StreamGroup* group = nullptr;
    std::uint64_t position = 0;
    EventBlock block;                 ///< null bytes: between blocks
    std::size_t sent = 0;             ///< of the block in wire form
    bool chunked = true;
    std::array<char, 12> prefix{};
    std::uint8_t prefixLength = 0;
    std::size_t parkedAt = kNotParked; ///< index in the group's list
    Millis heartbeatDue = 0;
    Millis stalledAt = 0;             ///< when the last byte went out
    Millis identifiedAt = 0;
    QuotaLease lease;
    /// For streams that a guest may not read: asked again while it runs, so that revoking a token ends it.
    struct Credentials {
        std::string authorization, cookie, address;
        Access access;
    };
    std::unique_ptr<Credentials> credentials;
};

/// The comment line that keeps proxies from giving up on a silent stream.
const std::shared_ptr<const std::string>& heartbeatBytes();

} // namespace apbfarm::http
