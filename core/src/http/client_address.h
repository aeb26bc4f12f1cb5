// SPDX-License-Identifier: MIT
#pragma once

#include "http/request_head.h"

#include <sys/socket.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace apbfarm::http {

/// The address alone, without port; IPv4 in IPv6 shows as IPv4. Empty for other families.
std::string addressText(const sockaddr_storage& address);

/// Proxies whose word about the client counts (H24).
class TrustedProxies {
public:
    /// Throws std::invalid_argument for what is no address.
    explicit TrustedProxies(const std::vector<std::string>& addresses);

    bool has(std::string_view address) const { return addresses_.find(address) != addresses_.end(); }
    /// The peer, or the right-most hop that is no trusted proxy when the peer is one.
    std::string clientOf(const std::string& peer, const RequestHead& head) const;

private:
    std::set<std::string, std::less<>> addresses_;
};

} // namespace apbfarm::http
